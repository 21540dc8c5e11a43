//! OTLP over HTTP/1.1 by hand: each request in flight has a connection of its own.

use std::rc::Rc;

use bytes::Bytes;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::task::spawn_local;

use crate::connection::{Bodies, Plan};
use crate::pace::Pace;
use crate::{Outcome, Shared};

pub async fn run(plan: Rc<Plan>, bodies: Rc<Bodies>, pace: Pace, shared: Shared) {
    let workers: Vec<_> = (0..plan.in_flight)
        .map(|_| {
            let (plan, bodies, pace, shared) =
                (plan.clone(), bodies.clone(), pace.clone(), shared.clone());
            spawn_local(async move { send_all(&plan, &bodies, &pace, &shared).await })
        })
        .collect();
    for worker in workers {
        worker.await.expect("a worker does not panic");
    }
}

async fn send_all(plan: &Plan, bodies: &Bodies, pace: &Pace, shared: &Shared) {
    let stream = TcpStream::connect(&plan.address)
        .await
        .expect("the server listens");
    stream.set_nodelay(true).expect("a socket's option");
    let mut stream = BufReader::new(stream);
    while let Some(due) = pace.turn(plan.end).await {
        let body = bodies.take();
        let size_bytes = body.len();
        let outcome = match exchange(&mut stream, plan, body).await {
            Ok(200) => Outcome::Acknowledged,
            Ok(status) => Outcome::Refused(format!("HTTP {status}")),
            Err(error) => Outcome::Refused(error.to_string()),
        };
        shared.borrow_mut().add(outcome, due.elapsed(), size_bytes);
    }
}

async fn exchange(
    stream: &mut BufReader<TcpStream>,
    plan: &Plan,
    body: Bytes,
) -> std::io::Result<u16> {
    let coding = match plan.encoding.as_str() {
        "identity" => String::new(),
        other => format!("content-encoding: {other}\r\n"),
    };
    let head = format!(
        "POST /v1/{} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/x-protobuf\r\n{coding}\
         content-length: {}\r\n\r\n",
        plan.signal,
        plan.address,
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&body).await?;
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    let status = line
        .split(' ')
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    let mut length = 0usize;
    loop {
        line.clear();
        stream.read_line(&mut line).await?;
        let text = line.trim_end();
        if text.is_empty() {
            break;
        }
        if let Some((name, value)) = text.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer).await?;
    Ok(status)
}
