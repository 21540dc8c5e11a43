//! Several connections, several requests in flight on each.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Instant;

use bytes::Bytes;
use tokio::task::LocalSet;

use crate::fresh::Fresh;
use crate::pace::Pace;
use crate::report::Report;
use crate::{Outcome, Shared, grpc, http1};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    Grpc,
    Http,
}

impl Transport {
    pub fn from_name(name: &str) -> Self {
        match name {
            "grpc" => Self::Grpc,
            "http" => Self::Http,
            other => panic!("no transport is named {other}"),
        }
    }
}

pub struct Plan {
    pub transport: Transport,
    pub address: String,
    pub signal: String,
    pub encoding: String,
    pub in_flight: usize,
    pub end: Instant,
}

/// The bodies in turn, over all connections.
pub struct Bodies {
    list: Vec<Bytes>,
    fresh: Option<Fresh>,
    next: Cell<usize>,
}

impl Bodies {
    pub fn new(list: Vec<Bytes>, fresh: Option<Fresh>) -> Self {
        Self {
            list,
            fresh,
            next: Cell::new(0),
        }
    }

    pub fn take(&self) -> Bytes {
        let at = self.next.get();
        self.next.set(at + 1);
        let (round, number) = (at / self.list.len(), at % self.list.len());
        match &self.fresh {
            Some(fresh) => fresh.body(&self.list, number, round as u64),
            None => self.list[number].clone(),
        }
    }
}

pub async fn run(plan: Plan, bodies: Bodies, connections: usize, rate: f64) -> Report {
    let plan = Rc::new(plan);
    let bodies = Rc::new(bodies);
    let shared = Shared::default();
    let pace = Pace::new(rate);
    let local = LocalSet::new();
    for _ in 0..connections {
        let (plan, bodies, shared) = (plan.clone(), bodies.clone(), shared.clone());
        let pace = pace.clone();
        local.spawn_local(async move {
            match plan.transport {
                Transport::Grpc => grpc::run(plan, bodies, pace, shared).await,
                Transport::Http => http1::run(plan, bodies, pace, shared).await,
            }
        });
    }
    local.await;
    shared.take()
}

/// Send one after another until the end; `send` gives the outcome of one request.
pub async fn repeat<F>(
    plan: &Plan,
    bodies: &Bodies,
    pace: &Pace,
    shared: &Shared,
    mut send: impl FnMut(Bytes) -> F,
) where
    F: Future<Output = Outcome>,
{
    while let Some(due) = pace.turn(plan.end).await {
        let body = bodies.take();
        let size_bytes = body.len();
        let outcome = send(body).await;
        shared.borrow_mut().add(outcome, due.elapsed(), size_bytes);
    }
}
