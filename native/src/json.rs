use crate::fault::{Fault, Result};
use crate::signal::Signal;
pub struct Transcoded {
    pub protobuf: Vec<u8>,
    pub snake_case: bool,
    pub enum_name: bool,
}
pub fn to_protobuf(_: Signal, _: &[u8]) -> Result<Transcoded> {
    Err(Fault::new("none"))
}
