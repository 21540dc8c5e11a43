#![forbid(unsafe_code)]
//! Sends ready-made OTLP bodies over several connections, each with requests in flight, and says
//! how many were acknowledged and how long that took.
//!
//! `loadgen TRANSPORT ADDRESS SIGNAL BODIES CONNECTIONS IN_FLIGHT SECONDS RATE ENCODING FRESH`
//!
//! TRANSPORT is `grpc` or `http`; BODIES is a file of bodies, each behind its length (u32, little
//! endian); RATE is requests a second over all connections, 0 for as many as are acknowledged;
//! ENCODING is the value of `grpc-encoding` or `content-encoding`, `identity` for none; FRESH
//! is the time in the bodies (Unix, ns) that becomes the time of sending, ids being others each
//! time, or 0 to send them as they are (fresh.rs; not with an encoding).
//! The last line is JSON.

mod connection;
mod fresh;
mod grpc;
mod http1;
mod pace;
mod report;

use std::time::{Duration, Instant};

use bytes::Bytes;
use connection::{Bodies, Plan, Transport};
use fresh::Fresh;
use report::Report;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [
        transport,
        address,
        signal,
        bodies,
        connections,
        in_flight,
        seconds,
        rate,
        encoding,
        fresh,
    ] = arguments.as_slice()
    else {
        panic!("ten arguments: see the head of main.rs");
    };
    let number = |text: &String| text.parse::<f64>().expect("a number");
    let list = read_bodies(bodies);
    let becomes_now_ns = fresh.parse::<u64>().expect("a time in ns");
    let fresh = (becomes_now_ns > 0).then(|| Fresh::new(becomes_now_ns, signal, &list));
    let bodies = Bodies::new(list, fresh);
    let plan = Plan {
        transport: Transport::from_name(transport),
        address: address.clone(),
        signal: signal.clone(),
        encoding: encoding.clone(),
        in_flight: number(in_flight) as usize,
        end: Instant::now() + Duration::from_secs_f64(number(seconds)),
    };
    let started = Instant::now();
    let report = connection::run(plan, bodies, number(connections) as usize, number(rate)).await;
    println!("{}", report.json(started.elapsed()));
}

fn read_bodies(path: &str) -> Vec<Bytes> {
    let mut rest = Bytes::from(std::fs::read(path).expect("a file of bodies"));
    let mut bodies = Vec::new();
    while !rest.is_empty() {
        let head = rest.split_to(4);
        let length = u32::from_le_bytes(head.as_ref().try_into().expect("4"));
        bodies.push(rest.split_to(length as usize));
    }
    bodies
}

/// What one request came to.
pub enum Outcome {
    Acknowledged,
    Refused(String),
}

pub type Shared = std::rc::Rc<std::cell::RefCell<Report>>;
