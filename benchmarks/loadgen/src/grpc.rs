//! gRPC by hand over h2: one message each way.

use std::rc::Rc;

use bytes::{BufMut, Bytes, BytesMut};
use h2::client::SendRequest;
use http::Request;
use tokio::net::TcpStream;
use tokio::task::spawn_local;

use crate::connection::{Bodies, Plan, repeat};
use crate::pace::Pace;
use crate::{Outcome, Shared};

pub async fn run(plan: Rc<Plan>, bodies: Rc<Bodies>, pace: Pace, shared: Shared) {
    let stream = TcpStream::connect(&plan.address)
        .await
        .expect("the server listens");
    stream.set_nodelay(true).expect("a socket's option");
    let (sender, connection) = h2::client::Builder::new()
        .initial_window_size(1 << 20)
        .initial_connection_window_size(1 << 24)
        .handshake(stream)
        .await
        .expect("an HTTP/2 server");
    let driver = spawn_local(async move {
        // It ends with an error when the server does.
        let _ = connection.await;
    });
    let workers: Vec<_> = (0..plan.in_flight)
        .map(|_| {
            let (plan, bodies, pace) = (plan.clone(), bodies.clone(), pace.clone());
            let (shared, sender) = (shared.clone(), sender.clone());
            spawn_local(async move {
                let send = |body| export(sender.clone(), &plan, body);
                repeat(&plan, &bodies, &pace, &shared, send).await;
            })
        })
        .collect();
    for worker in workers {
        worker.await.expect("a worker does not panic");
    }
    driver.abort();
}

async fn export(sender: SendRequest<Bytes>, plan: &Plan, body: Bytes) -> Outcome {
    match call(sender, plan, body).await {
        Ok(status) if status == "0" => Outcome::Acknowledged,
        Ok(status) => Outcome::Refused(format!("grpc-status {status}")),
        Err(error) => Outcome::Refused(error.to_string()),
    }
}

async fn call(sender: SendRequest<Bytes>, plan: &Plan, body: Bytes) -> Result<String, h2::Error> {
    let mut sender = sender.ready().await?;
    let (response, mut stream) = sender.send_request(request(plan), false)?;
    let compressed = plan.encoding != "identity";
    let mut message = BytesMut::with_capacity(5 + body.len());
    message.put_u8(u8::from(compressed));
    message.put_u32(body.len() as u32);
    message.put(body);
    send_all(&mut stream, message.freeze()).await?;
    let response = response.await?;
    let status = |headers: &http::HeaderMap| {
        headers
            .get("grpc-status")
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into())
    };
    if let Some(found) = status(response.headers()) {
        return Ok(found);
    }
    let mut body = response.into_body();
    while let Some(chunk) = body.data().await {
        body.flow_control().release_capacity(chunk?.len())?;
    }
    let trailers = body.trailers().await?;
    Ok(trailers
        .as_ref()
        .and_then(status)
        .unwrap_or_else(|| "none".to_owned()))
}

/// As much at a time as the server's windows take.
async fn send_all(stream: &mut h2::SendStream<Bytes>, mut rest: Bytes) -> Result<(), h2::Error> {
    while !rest.is_empty() {
        stream.reserve_capacity(rest.len());
        let granted = std::future::poll_fn(|context| stream.poll_capacity(context)).await;
        let granted = granted.unwrap_or(Ok(0))?;
        if granted == 0 {
            return Err(h2::Error::from(h2::Reason::CANCEL));
        }
        let part = rest.split_to(granted.min(rest.len()));
        let is_last = rest.is_empty();
        stream.send_data(part, is_last)?;
    }
    Ok(())
}

fn request(plan: &Plan) -> Request<()> {
    let (package, service) = match plan.signal.as_str() {
        "traces" => ("trace", "TraceService"),
        "metrics" => ("metrics", "MetricsService"),
        _ => ("logs", "LogsService"),
    };
    let path = format!("opentelemetry.proto.collector.{package}.v1.{service}/Export");
    Request::builder()
        .method("POST")
        .uri(format!("http://{}/{path}", plan.address))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("grpc-encoding", &plan.encoding)
        .body(())
        .expect("a request")
}
