//! Data points as they lie on the wire, and what is wrong with them (docs/decoding.md, section 5).

use crate::counts::Counts;
use crate::fault::Result;
use crate::schema::{
    EXPONENTIAL_HISTOGRAM_DATA_POINT, HISTOGRAM_DATA_POINT, Message, NUMBER_DATA_POINT,
    SUMMARY_DATA_POINT,
};
use crate::value::{Pair, read_pair};
use crate::wire::{Fields, Payload};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Gauge,
    Sum,
    Histogram,
    ExponentialHistogram,
    Summary,
}

impl Kind {
    pub const WORDS: [&str; 5] = [
        "gauge",
        "sum",
        "histogram",
        "exponential_histogram",
        "summary",
    ];

    /// By the field of `Metric` that holds its data.
    pub fn of_field(number: u32) -> Option<Self> {
        match number {
            5 => Some(Self::Gauge),
            7 => Some(Self::Sum),
            9 => Some(Self::Histogram),
            10 => Some(Self::ExponentialHistogram),
            11 => Some(Self::Summary),
            _ => None,
        }
    }

    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    pub fn message(self) -> &'static Message {
        match self {
            Self::Gauge | Self::Sum => &NUMBER_DATA_POINT,
            Self::Histogram => &HISTOGRAM_DATA_POINT,
            Self::ExponentialHistogram => &EXPONENTIAL_HISTOGRAM_DATA_POINT,
            Self::Summary => &SUMMARY_DATA_POINT,
        }
    }

    pub fn has_temporality(self) -> bool {
        !matches!(self, Self::Gauge | Self::Summary)
    }
}

#[derive(Clone, Copy, Default)]
pub enum Number {
    #[default]
    None,
    Int(i64),
    Double(f64),
}

/// One side of an exponential histogram.
#[derive(Default)]
pub struct Buckets {
    pub offset: i32,
    pub counts: Vec<u64>,
}

impl Buckets {
    /// Occurrences are merged.
    fn read(&mut self, buffer: &[u8]) -> Result<()> {
        let mut fields = Fields::new(buffer);
        while let Some((number, payload)) = fields.next()? {
            match number {
                1 => self.offset = zigzag(payload.varint("offset")?),
                2 => payload.each_varint("bucket_counts", |count| self.counts.push(count))?,
                _ => {}
            }
        }
        Ok(())
    }

    fn is_in_range(&self) -> bool {
        i32::try_from(i64::from(self.offset) + self.counts.len() as i64).is_ok()
    }
}

fn zigzag(value: u64) -> i32 {
    let value = value as u32;
    (value >> 1) as i32 ^ -((value & 1) as i32)
}

/// A point of any kind; what its kind does not have stays empty.
#[derive(Default)]
pub struct Point<'a> {
    pub start_time: u64,
    pub time: u64,
    pub flags: u32,
    pub attributes: Vec<Pair<'a>>,
    pub exemplars: Vec<&'a [u8]>,
    pub number: Number,
    pub count: u64,
    pub sum: Option<f64>,
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub bucket_counts: Vec<u64>,
    pub explicit_bounds: Vec<f64>,
    pub scale: i32,
    pub zero_count: u64,
    pub zero_threshold: f64,
    pub positive: Buckets,
    pub negative: Buckets,
    /// (quantile, value)
    pub quantiles: Vec<(f64, f64)>,
}

impl<'a> Point<'a> {
    pub fn read(kind: Kind, buffer: &'a [u8], warnings: &mut Counts) -> Result<Self> {
        let mut point = Self::default();
        let mut fields = Fields::new(buffer);
        while let Some((number, payload)) = fields.next()? {
            match number {
                2 => point.start_time = payload.fixed64("start_time_unix_nano")?,
                3 => point.time = payload.fixed64("time_unix_nano")?,
                _ => match kind {
                    Kind::Gauge | Kind::Sum => point.number_field(number, payload, warnings)?,
                    Kind::Histogram => point.histogram_field(number, payload, warnings)?,
                    Kind::ExponentialHistogram => {
                        point.exponential_field(number, payload, warnings)?;
                    }
                    Kind::Summary => point.summary_field(number, payload, warnings)?,
                },
            }
        }
        Ok(point)
    }

    #[inline]
    fn number_field(
        &mut self,
        field: u32,
        payload: Payload<'a>,
        warnings: &mut Counts,
    ) -> Result<()> {
        match field {
            4 => self.number = Number::Double(payload.double("as_double")?),
            5 => self.exemplars.push(payload.bytes("exemplars")?),
            6 => self.number = Number::Int(payload.fixed64("as_int")? as i64),
            7 => read_pair(&mut self.attributes, payload, "attributes", warnings)?,
            8 => self.flags = payload.varint("flags")? as u32,
            _ => {}
        }
        Ok(())
    }

    fn histogram_field(
        &mut self,
        field: u32,
        payload: Payload<'a>,
        warnings: &mut Counts,
    ) -> Result<()> {
        match field {
            4 => self.count = payload.fixed64("count")?,
            5 => self.sum = Some(payload.double("sum")?),
            6 => payload.each_fixed64("bucket_counts", |count| self.bucket_counts.push(count))?,
            7 => payload.each_fixed64("explicit_bounds", |bits| {
                self.explicit_bounds.push(f64::from_bits(bits));
            })?,
            8 => self.exemplars.push(payload.bytes("exemplars")?),
            9 => read_pair(&mut self.attributes, payload, "attributes", warnings)?,
            10 => self.flags = payload.varint("flags")? as u32,
            11 => self.min = Some(payload.double("min")?),
            12 => self.max = Some(payload.double("max")?),
            _ => {}
        }
        Ok(())
    }

    fn exponential_field(
        &mut self,
        field: u32,
        payload: Payload<'a>,
        warnings: &mut Counts,
    ) -> Result<()> {
        match field {
            1 => read_pair(&mut self.attributes, payload, "attributes", warnings)?,
            4 => self.count = payload.fixed64("count")?,
            5 => self.sum = Some(payload.double("sum")?),
            6 => self.scale = zigzag(payload.varint("scale")?),
            7 => self.zero_count = payload.fixed64("zero_count")?,
            8 => self.positive.read(payload.bytes("positive")?)?,
            9 => self.negative.read(payload.bytes("negative")?)?,
            10 => self.flags = payload.varint("flags")? as u32,
            11 => self.exemplars.push(payload.bytes("exemplars")?),
            12 => self.min = Some(payload.double("min")?),
            13 => self.max = Some(payload.double("max")?),
            14 => self.zero_threshold = payload.double("zero_threshold")?,
            _ => {}
        }
        Ok(())
    }

    fn summary_field(
        &mut self,
        field: u32,
        payload: Payload<'a>,
        warnings: &mut Counts,
    ) -> Result<()> {
        match field {
            4 => self.count = payload.fixed64("count")?,
            5 => self.sum = Some(payload.double("sum")?),
            6 => self
                .quantiles
                .push(quantile(payload.bytes("quantile_values")?)?),
            7 => read_pair(&mut self.attributes, payload, "attributes", warnings)?,
            8 => self.flags = payload.varint("flags")? as u32,
            _ => {}
        }
        Ok(())
    }

    /// Flags bit 0: the point says that nothing was recorded.
    pub fn has_value(&self) -> bool {
        self.flags & 1 == 0
    }

    /// Why a point with a recorded value is rejected.
    pub fn value_fault(&self, kind: Kind) -> Option<&'static str> {
        match kind {
            Kind::Gauge | Kind::Sum => {
                matches!(self.number, Number::None).then_some("missing_value")
            }
            Kind::Histogram => (!self.has_fitting_buckets()).then_some("invalid_buckets"),
            Kind::ExponentialHistogram => {
                (!self.is_exponential()).then_some("invalid_exponential_buckets")
            }
            Kind::Summary => (!self.has_quantiles()).then_some("invalid_quantiles"),
        }
    }

    fn has_fitting_buckets(&self) -> bool {
        let (counts, bounds) = (&self.bucket_counts, &self.explicit_bounds);
        if counts.is_empty() && bounds.is_empty() {
            return true;
        }
        counts.len() == bounds.len() + 1
            && !bounds.iter().any(|bound| bound.is_nan())
            && bounds.windows(2).all(|pair| pair[0] < pair[1])
    }

    fn is_exponential(&self) -> bool {
        (-10..=20).contains(&self.scale)
            && self.positive.is_in_range()
            && self.negative.is_in_range()
    }

    fn has_quantiles(&self) -> bool {
        self.quantiles
            .iter()
            .all(|(quantile, _)| (0.0..=1.0).contains(quantile))
            && self.quantiles.windows(2).all(|pair| pair[0].0 < pair[1].0)
            && !self.quantiles.iter().any(|(_, value)| *value < 0.0)
    }
}

fn quantile(buffer: &[u8]) -> Result<(f64, f64)> {
    let (mut quantile, mut value) = (0.0, 0.0);
    let mut fields = Fields::new(buffer);
    while let Some((number, payload)) = fields.next()? {
        match number {
            1 => quantile = payload.double("quantile")?,
            2 => value = payload.double("value")?,
            _ => {}
        }
    }
    Ok((quantile, value))
}
