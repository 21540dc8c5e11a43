//! The three kinds of telemetry.

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signal {
    Traces,
    Metrics,
    Logs,
}

impl Signal {
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "traces" => Some(Self::Traces),
            "metrics" => Some(Self::Metrics),
            "logs" => Some(Self::Logs),
            _ => None,
        }
    }

    /// The field names that lead to an item, for error messages.
    pub fn path(self) -> [&'static str; 3] {
        match self {
            Self::Traces => ["resource_spans", "scope_spans", "spans"],
            Self::Metrics => ["resource_metrics", "scope_metrics", "metrics"],
            Self::Logs => ["resource_logs", "scope_logs", "log_records"],
        }
    }
}
