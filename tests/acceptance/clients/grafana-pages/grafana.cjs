// The services that Grafana's pages give to a data source, over the routes at `url`.
const { setBackendSrv, setDataSourceSrv, setTemplateSrv } = require("@grafana/runtime");
const { from } = require("rxjs");

exports.serve = function serve(url, settings) {
  setBackendSrv({ fetch: (asked) => from(answered(url, asked)) });
  setTemplateSrv({ replace: (text) => text, containsTemplate: () => false, getVariables: () => [] });
  setDataSourceSrv({ getInstanceSettings: () => settings });
};

async function answered(url, { url: path, method = "GET", headers = {}, data }) {
  const form = headers["Content-Type"] === "application/x-www-form-urlencoded";
  const answer = await fetch(url + path, {
    method,
    headers: { "Content-Type": "application/json", ...headers },
    body: data === undefined ? undefined : form ? encoded(data) : JSON.stringify(data),
  });
  const text = await answer.text();
  const found = { status: answer.status, statusText: answer.statusText, ok: answer.ok, config: {} };
  if (!answer.ok) throw { ...found, data: { message: text } };
  return { ...found, data: JSON.parse(text) };
}

function encoded(data) {
  const pairs = Object.entries(data).filter(([, value]) => value !== undefined);
  return new URLSearchParams(pairs.flatMap(([name, value]) => [value].flat().map((one) => [name, one]))).toString();
}
