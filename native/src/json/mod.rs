//! OTLP JSON becomes OTLP protobuf (docs/decoding.md, section 6).

mod number;
mod octets;
mod scalar;
pub mod scanner;
pub mod text;
mod transcoder;
mod write;

use crate::fault::{Fault, Result};
use crate::schema::{self, Message};
use crate::signal::Signal;
use scanner::{Scanner, Token};
use text::Text;
use transcoder::{Transcoder, Verdict};

const BYTE_ORDER_MARK: char = '\u{feff}';

/// A request in protobuf, and what there is to warn of.
pub struct Transcoded {
    pub protobuf: Vec<u8>,
    /// A member was named in snake_case.
    pub snake_case: bool,
    /// An enum's value was given by name.
    pub enum_name: bool,
}

pub fn to_protobuf(signal: Signal, body: &[u8]) -> Result<Transcoded> {
    let text = simdutf8::compat::from_utf8(body).map_err(|error| {
        let place = error.valid_up_to();
        Fault::new(format!("the body is not UTF-8 (byte {place})"))
    })?;
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    // Names and quotes go, numbers shrink: what is left is about half.
    let mut transcoder = Transcoder::new(Scanner::new(text), text.len() / 2);
    let verdict = match transcoder.scanner.token()? {
        Token::Null => Ok(()),
        Token::Object => root(&mut transcoder, signal)?,
        other => transcoder.refuse(&other, "the body must be a JSON object")?,
    };
    transcoder.scanner.end()?;
    verdict?;
    Ok(Transcoded {
        protobuf: transcoder.out,
        snake_case: transcoder.warned.snake_case,
        enum_name: transcoder.warned.enum_name,
    })
}

/// A request of another signal would pass as one of unknown members.
fn root(transcoder: &mut Transcoder, signal: Signal) -> Result<Verdict> {
    let mut open = transcoder.open(schema::request(signal));
    let (mut is_own, mut foreign) = (false, None);
    let mut is_first = true;
    while let Some(name) = transcoder.scanner.member(is_first)? {
        is_first = false;
        if transcoder.member(&mut open, name)? {
            is_own = true;
        } else {
            foreign = foreign.or_else(|| root_of(name, &mut transcoder.scratch));
            transcoder.scanner.skip_value()?;
        }
    }
    let verdict = transcoder.close(&open);
    Ok(match foreign {
        Some(fault) if !is_own => Err(fault),
        _ => verdict,
    })
}

/// What is wrong with this name as a root member, if it is one of some signal.
fn root_of(name: Text, scratch: &mut Vec<u8>) -> Option<Fault> {
    let name = name.plain(scratch)?;
    let roots = [
        (Signal::Traces, "/v1/traces"),
        (Signal::Metrics, "/v1/metrics"),
        (Signal::Logs, "/v1/logs"),
    ];
    let is_it = |root: &Message| root.find(name, 0).is_some();
    let (signal, path) = roots
        .into_iter()
        .find(|(signal, _)| is_it(schema::request(*signal)))?;
    let snake = signal.path()[0];
    Some(Fault::new(format!("{snake} belongs to {path}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn logs(body: &str) -> String {
        match to_protobuf(Signal::Logs, body.as_bytes()) {
            Ok(done) => hex(&done.protobuf),
            Err(fault) => fault.to_string(),
        }
    }

    /// A log record's own fields within a request.
    fn record(members: &str) -> String {
        let body =
            format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{members}]}}]}}]}}"#);
        let written = logs(&body);
        match written.get(12..).filter(|_| written.starts_with("0a")) {
            Some(record) => record.to_owned(),
            None => written,
        }
    }

    #[test]
    fn fields_are_written_in_the_order_said() {
        let said =
            record(r#"{"severityText":"é","flags":1,"traceId":"Ff","body":{"intValue":"-1"}}"#);
        assert_eq!(
            said,
            "1a02c3a94501000000 4a01ff 2a0b18ffffffffffffffffff01".replace(' ', "")
        );
    }

    #[test]
    fn the_last_of_a_name_wins_and_null_takes_it_back() {
        assert_eq!(
            record(r#"{"flags":[{}],"severityText":"b","flags":1,"flags":null}"#),
            "1a0162"
        );
        assert_eq!(
            record(r#"{"body":{"intValue":1},"flags":2,"body":{},"eventName":"a"}"#),
            "45020000002a00620161"
        );
        assert_eq!(logs(r#"{"resourceLogs":[{}],"resource_logs":[]}"#), "");
    }

    #[test]
    fn warnings_of_what_is_replaced_are_not_given() {
        let body = br#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"severityNumber":"SEVERITY_NUMBER_INFO"}]}]}],"resourceLogs":[{"schema_url":""}]}"#;
        let done = to_protobuf(Signal::Logs, body).expect("a request");
        assert!(done.snake_case && !done.enum_name);
    }

    #[test]
    fn a_fault_names_its_place() {
        let place = "resource_logs[0].scope_logs[0].log_records[1].body.array_value.values[0]";
        let said = record(r#"{},{"body":{"arrayValue":{"values":[7]}}}"#);
        assert_eq!(said, format!("{place}: must be an object"));
    }

    #[test]
    fn another_signal_s_request_is_refused() {
        assert_eq!(
            logs(r#"{"resourceSpans":[]}"#),
            "resource_spans belongs to /v1/traces"
        );
        assert_eq!(logs(r#"{"resourceSpans":1,"resourceLogs":null}"#), "");
    }

    #[test]
    fn what_is_no_object_is_refused_or_empty() {
        assert_eq!(logs("\u{feff} null\n"), "");
        assert_eq!(logs("[]"), "the body must be a JSON object");
        assert!(logs("\u{feff}\u{feff}{}").starts_with("the body is not JSON"));
        assert!(to_protobuf(Signal::Logs, b"{\"\xff\":1}").is_err());
    }
}
