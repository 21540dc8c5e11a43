// What Grafana's pages show of a Prometheus data source: GRAFANA_URL METHOD END_S; one JSON document.
require("./browser.cjs");
const { dateTime, LoadingState } = require("@grafana/data");
const { PrometheusDatasource } = require("@grafana/prometheus");
const { lastValueFrom } = require("rxjs");
const { serve } = require("./grafana.cjs");

const [url, httpMethod, endS] = process.argv.slice(2);
const settings = {
  uid: "goldeneye",
  name: "Goldeneye",
  type: "prometheus",
  access: "proxy",
  url: "/api/datasources/proxy/uid/goldeneye",
  meta: { id: "prometheus" },
  jsonData: {
    httpMethod,
    exemplarTraceIdDestinations: [{ name: "trace_id", url: "http://127.0.0.1:8317/api/v1/traces/${__value.raw}" }],
  },
};
// Anything else that is told would stand before the document.
console.log = console.info = console.debug = () => {};

main().then(
  (found) => process.stdout.write(JSON.stringify(found), () => process.exit(0)),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);

async function main() {
  serve(url, settings);
  const source = new PrometheusDatasource(settings);
  await source.init();
  await source.loadRules();
  const words = source.languageProvider;
  const range = { from: dateTime((endS - 300) * 1000), to: dateTime(endS * 1000) };
  range.raw = { from: range.from, to: range.to };
  await words.start(range);
  const filters = [{ key: "code", operator: "!=", value: "500" }];
  const queries = [{ refId: "A", expr: "rate(http_requests_total[5m])" }];
  return {
    tested: await source.testDatasource(),
    exemplarsAvailable: source.exemplarsAvailable,
    rules: source.ruleMappings,
    metrics: words.retrieveMetrics(),
    histograms: words.retrieveHistogramMetrics(),
    metadata: words.retrieveMetricsMetadata(),
    keys: await words.queryLabelKeys(range, '{__name__="queue_depth"}'),
    values: await words.queryLabelValues(range, "queue", '{__name__="queue_depth"}'),
    typed: await words.queryLabelValues(range, "__name__", '{__name__=~".*(?i:LATENCY).*"}', 1000),
    series: await words.resourceClient.querySeries(range, '{__name__="queue_depth"}', 40000),
    tagKeys: texts(await source.getTagKeys({ filters, queries, timeRange: range })),
    tagValues: texts(await source.getTagValues({ key: "code", filters, queries, timeRange: range })),
    variables: await variables(source, range),
    panel: await panel(source, range),
    suggested: await words.fetchSuggestions(range, queries, [], filters, "code"),
  };
}

const texts = (found) => found.map(({ text }) => text);

async function variables(source, range) {
  const asked = [
    "label_names()",
    "label_values(http_requests_total, code)",
    "metrics(queue.*)",
    "query_result(queue_depth)",
    "queue_depth",
  ];
  const found = await Promise.all(asked.map((query) => source.metricFindQuery(query, { range })));
  return Object.fromEntries(asked.map((query, index) => [query, texts(found[index])]));
}

async function panel(source, range) {
  const expr = "histogram_quantile(0.5, sum by (le) (rate(latency_seconds_bucket[$__rate_interval])))";
  const answer = await lastValueFrom(
    source.query({
      app: "explore",
      requestId: "1",
      panelId: 1,
      timezone: "utc",
      range,
      interval: "15s",
      intervalMs: 15000,
      maxDataPoints: 1000,
      scopedVars: {},
      startTime: 0,
      targets: [
        { refId: "A", expr, range: true, instant: true, exemplar: true, legendFormat: "__auto" },
        { refId: "B", expr: "sum by (le) (latency_seconds_bucket)", range: true, format: "heatmap" },
      ],
    }),
  );
  if (answer.state === LoadingState.Error) throw answer.error ?? answer.errors;
  return answer.data.map(shown);
}

const shown = ({ refId, meta, fields }) => ({
  refId,
  visualisation: meta?.preferredVisualisationType,
  topic: meta?.dataTopic,
  columns: Object.fromEntries(fields.map(({ name, values }) => [name, values])),
  links: fields.flatMap(({ config }) => (config?.links ?? []).map((link) => link.url)),
});
