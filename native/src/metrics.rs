//! Metrics become rows of `metric_series` and `metric_points` (docs/decoding.md, section 5).

use xxhash_rust::xxh3::xxh3_128;

use crate::common::PromotedKeys;
use crate::envelope::{Resource, Scope, Tally, Time, attributes_json, push_sorted_json};
use crate::fault::Result;
use crate::point_columns::PointColumns;
use crate::points::{Kind, Point};
use crate::series::{Digest, Metric, Series, digest, strings_json};
use crate::sink::{Sink, Table};
use crate::structure::check;
use crate::text::utf8;
use crate::times::check_time;
use crate::value::{drop_duplicates, read_pair};
use crate::wire::Fields;

const DAY_NS: i64 = 86_400_000_000_000;

/// The two tables under construction.
pub struct Metrics<'k> {
    received_time_ns: i64,
    series: Series<'k>,
    points: PointColumns,
    points_before: usize,
    resource: Digest,
    scope: Digest,
    /// What a point's identity is the hash of; its buffer is used again and again.
    identity: Vec<u8>,
}

impl<'k> Metrics<'k> {
    pub fn new(keys: &'k PromotedKeys) -> Self {
        Self {
            received_time_ns: 0,
            series: Series::new(keys),
            points: PointColumns::default(),
            points_before: 0,
            resource: Digest::default(),
            scope: Digest::default(),
            identity: Vec::new(),
        }
    }

    fn data(&mut self, metric: &Metric, data: &Data<'_>, tally: &mut Tally) -> Result<()> {
        tally.count(data.points.len())?;
        self.identity.clear();
        self.identity.extend_from_slice(&self.resource);
        self.identity.extend_from_slice(&self.scope);
        self.identity.extend_from_slice(&metric.digest());
        let name_key = self.points.name_key(&metric.name);
        for (index, buffer) in data.points.iter().enumerate() {
            self.point(metric, name_key, (index, buffer), tally)
                .map_err(|fault| fault.within_item("data_points", index))?;
        }
        Ok(())
    }

    fn point(
        &mut self,
        metric: &Metric,
        name_key: i32,
        (index, buffer): (usize, &[u8]),
        tally: &mut Tally,
    ) -> Result<()> {
        let warnings = &mut tally.warnings;
        let mut point = Point::read(metric.kind, buffer, warnings)?;
        drop_duplicates(&mut point.attributes, 0, warnings)?;
        let shared = self.identity.len();
        push_sorted_json(&mut self.identity, &point.attributes, warnings)
            .map_err(|fault| fault.within("attributes"))?;
        let identity = xxh3_128(&self.identity);
        self.identity.truncate(shared);
        for (at, exemplar) in point.exemplars.iter().enumerate() {
            self.points
                .exemplars
                .push(exemplar, warnings)
                .map_err(|fault| fault.within_item("exemplars", at))?;
        }
        if let Some(reason) = fault(metric, &point) {
            self.points.exemplars.forget();
            tally.reject(reason, Some(index));
            return Ok(());
        }
        check_time(point.time, self.received_time_ns, warnings);
        let time = Time::of(point.time)
            .known()
            .unwrap_or(self.received_time_ns);
        let day = time.div_euclid(DAY_NS) as i32;
        let id = self
            .series
            .id_of(identity, day, metric, &point.attributes)?;
        self.points.push(
            metric.kind,
            &point,
            (id, name_key),
            self.received_time_ns,
            warnings,
        );
        tally.accepted += 1;
        Ok(())
    }
}

fn fault(metric: &Metric, point: &Point<'_>) -> Option<&'static str> {
    if point.time == 0 {
        Some("zero_time")
    } else if metric.kind.has_temporality() && metric.temporality.is_none() {
        Some("invalid_temporality")
    } else if point.has_value() {
        point.value_fault(metric.kind)
    } else {
        None
    }
}

/// The member of `Metric.data` that is set.
struct Data<'a> {
    kind: Kind,
    points: Vec<&'a [u8]>,
    temporality: i32,
    is_monotonic: bool,
}

impl<'a> Data<'a> {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            points: Vec::new(),
            temporality: 0,
            is_monotonic: false,
        }
    }

    /// Another member replaces this one, which must be whole all the same.
    #[cold]
    fn replaced(self) -> Result<Option<Self>> {
        self.points
            .iter()
            .try_for_each(|point| check(point, self.kind.message()))?;
        Ok(None)
    }

    /// Occurrences are merged.
    fn read(&mut self, buffer: &'a [u8]) -> Result<()> {
        let mut fields = Fields::new(buffer);
        while let Some((number, payload)) = fields.next()? {
            match number {
                1 => self.points.push(payload.bytes("data_points")?),
                2 if self.kind.has_temporality() => {
                    self.temporality = payload.int32("aggregation_temporality")?;
                }
                3 if self.kind == Kind::Sum => {
                    self.is_monotonic = payload.varint("is_monotonic")? != 0;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

impl Sink for Metrics<'_> {
    const IS_METRICS: bool = true;

    fn begin_body(&mut self, received_time_ns: i64) {
        self.received_time_ns = received_time_ns;
        self.points_before = self.points.rows;
        self.series.begin_body();
    }

    fn refuse_body(&mut self) {
        self.points.truncate(self.points_before);
        self.series.refuse_body();
    }

    fn rows(&self) -> usize {
        self.series.rows
    }

    fn begin_scope(&mut self, resource: &Resource, scope: &Scope) {
        self.resource = digest(&resource.sorted);
        let mut named = strings_json(&[&scope.name, &scope.version]);
        named.extend_from_slice(&scope.sorted);
        self.scope = digest(&named);
    }

    fn item(&mut self, buffer: &[u8], tally: &mut Tally) -> Result<()> {
        let warnings = &mut tally.warnings;
        let (mut name, mut description, mut unit): (&[u8], &[u8], &[u8]) = (b"", b"", b"");
        let mut metadata = Vec::new();
        let mut data: Option<Data<'_>> = None;
        let mut is_legacy = false;
        let mut fields = Fields::new(buffer);
        while let Some((number, payload)) = fields.next()? {
            match number {
                1 => name = payload.bytes("name")?,
                2 => description = payload.bytes("description")?,
                3 => unit = payload.bytes("unit")?,
                // Once int_gauge, int_sum, int_histogram.
                4 | 6 | 8 => is_legacy = true,
                12 => read_pair(&mut metadata, payload, "metadata", warnings)?,
                _ => {
                    if let Some(kind) = Kind::of_field(number) {
                        let before = match data.take() {
                            Some(before) if before.kind != kind => before.replaced()?,
                            before => before,
                        };
                        let data = data.insert(before.unwrap_or_else(|| Data::new(kind)));
                        data.read(payload.bytes(kind.word())?)
                            .map_err(|fault| fault.within(kind.word()))?;
                    }
                }
            }
        }
        drop_duplicates(&mut metadata, 0, warnings)?;
        let mut metric = Metric {
            kind: Kind::Gauge,
            name: utf8(name, warnings).into_owned(),
            unit: utf8(unit, warnings).into_owned(),
            description: utf8(description, warnings).into_owned(),
            temporality: None,
            is_monotonic: None,
            metadata: attributes_json(&metadata, warnings)
                .map_err(|fault| fault.within("metadata"))?,
        };
        let Some(data) = data else {
            if is_legacy {
                warnings.add("legacy_metric");
            }
            return Ok(());
        };
        metric.kind = data.kind;
        metric.temporality = match data.temporality {
            1 => Some("delta"),
            2 => Some("cumulative"),
            _ => None,
        };
        metric.is_monotonic = (data.kind == Kind::Sum).then_some(data.is_monotonic);
        self.data(&metric, &data, tally)
            .map_err(|fault| fault.within(data.kind.word()))
    }

    fn end_scope(&mut self, from: usize, resource: &Resource, scope: &Scope) {
        self.series
            .common
            .end_scope((from, self.series.rows), resource, scope);
    }

    fn finish(&mut self) -> Vec<Table> {
        vec![self.series.finish(), self.points.finish()]
    }
}
