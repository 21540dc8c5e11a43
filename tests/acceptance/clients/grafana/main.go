// The backend of Grafana's Prometheus data source, behind the routes that Grafana's pages ask:
// DATA_SOURCE_URL METHOD [TOKEN]. Tells its own address on the first line.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	sdklog "github.com/grafana/grafana-plugin-sdk-go/backend/log"
	"github.com/grafana/grafana/pkg/promlib"
)

const root = "/api/datasources/uid/goldeneye"

type grafana struct {
	source *promlib.Service
	plugin backend.PluginContext
}

func main() {
	token := strings.Join(os.Args[3:], "")
	settings, err := json.Marshal(map[string]string{
		"httpMethod": os.Args[2], "timeInterval": "15s", "queryTimeout": "30s", "httpHeaderName1": "Authorization"})
	check(err)
	served := grafana{
		source: promlib.NewService(nil, sdklog.DefaultLogger, nil),
		plugin: backend.PluginContext{
			PluginID: "prometheus",
			DataSourceInstanceSettings: &backend.DataSourceInstanceSettings{
				UID: "goldeneye", Type: "prometheus", URL: os.Args[1], JSONData: settings,
				DecryptedSecureJSONData: map[string]string{"httpHeaderValue1": "Bearer " + token}},
			GrafanaConfig: backend.NewGrafanaCfg(map[string]string{}),
		},
	}
	routes := http.NewServeMux()
	routes.HandleFunc("GET "+root+"/health", served.health)
	routes.HandleFunc("GET "+root+"/heuristics", served.heuristics)
	routes.HandleFunc(root+"/resources/{path...}", served.resource)
	routes.HandleFunc("POST /api/ds/query", served.query)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	fmt.Printf("http://%s\n", listener.Addr())
	check(http.Serve(listener, routes))
}

func (g grafana) health(answer http.ResponseWriter, asked *http.Request) {
	found, err := g.source.CheckHealth(asked.Context(), &backend.CheckHealthRequest{PluginContext: g.plugin})
	if err != nil {
		failed(answer, err)
		return
	}
	tell(answer, map[string]any{
		"status": found.Status.String(), "message": found.Message, "details": json.RawMessage(found.JSONDetails)})
}

func (g grafana) heuristics(answer http.ResponseWriter, asked *http.Request) {
	found, err := g.source.GetHeuristics(asked.Context(), promlib.HeuristicsRequest{PluginContext: g.plugin})
	if err != nil {
		failed(answer, err)
		return
	}
	tell(answer, found)
}

func (g grafana) resource(answer http.ResponseWriter, asked *http.Request) {
	body, err := io.ReadAll(asked.Body)
	if err != nil {
		failed(answer, err)
		return
	}
	path := asked.PathValue("path")
	address := path
	if asked.URL.RawQuery != "" {
		address += "?" + asked.URL.RawQuery
	}
	err = g.source.CallResource(asked.Context(), &backend.CallResourceRequest{
		PluginContext: g.plugin, Path: path, Method: asked.Method, URL: address,
		Headers: asked.Header, Body: body,
	}, backend.CallResourceResponseSenderFunc(func(found *backend.CallResourceResponse) error {
		for name, values := range found.Headers {
			answer.Header()[name] = values
		}
		answer.WriteHeader(found.Status)
		_, err := answer.Write(found.Body)
		return err
	}))
	if err != nil {
		failed(answer, err)
	}
}

// The body of Grafana's own query route: times in ms since 1970, as text.
type question struct {
	From    int64 `json:"from,string"`
	To      int64 `json:"to,string"`
	Queries []json.RawMessage
}

type common struct {
	RefID         string
	MaxDataPoints int64
	IntervalMs    int64
}

func (g grafana) query(answer http.ResponseWriter, asked *http.Request) {
	var given question
	if err := json.NewDecoder(asked.Body).Decode(&given); err != nil {
		failed(answer, err)
		return
	}
	queries, err := given.queries()
	if err != nil {
		failed(answer, err)
		return
	}
	found, err := g.source.QueryData(
		asked.Context(), &backend.QueryDataRequest{PluginContext: g.plugin, Queries: queries})
	if err != nil {
		failed(answer, err)
		return
	}
	tell(answer, found)
}

func (q question) queries() ([]backend.DataQuery, error) {
	queries := make([]backend.DataQuery, 0, len(q.Queries))
	for _, model := range q.Queries {
		var known common
		if err := json.Unmarshal(model, &known); err != nil {
			return nil, err
		}
		queries = append(queries, backend.DataQuery{
			RefID: known.RefID, MaxDataPoints: known.MaxDataPoints, JSON: model,
			Interval:  time.Duration(known.IntervalMs) * time.Millisecond,
			TimeRange: backend.TimeRange{From: time.UnixMilli(q.From).UTC(), To: time.UnixMilli(q.To).UTC()},
		})
	}
	return queries, nil
}

func tell(answer http.ResponseWriter, found any) {
	answer.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(answer).Encode(found); err != nil {
		log.Print(err)
	}
}

func failed(answer http.ResponseWriter, err error) {
	http.Error(answer, err.Error(), http.StatusInternalServerError)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
