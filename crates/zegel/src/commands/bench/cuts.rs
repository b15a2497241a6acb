//! One cut: from before the first sync of the order until the receipt is durable and guarded.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use engine::{Clock, ErasureRequest};
use record::public::{Cut, ErasureApproved};
use record::{ActorId, Seq, SubjectId, TimestampMicros};

use super::figures::{median, to_f64};
use super::load::Load;
use crate::environment;
use crate::home::random;

/// Cuts of one run; their median counts.
pub(super) const CUTS: usize = 21;

/// The moments at which the engine looked at its clock.
#[derive(Debug, Clone, Default)]
pub(super) struct Looks(Arc<Mutex<Vec<TimestampMicros>>>);

impl Looks {
    /// A real clock that notes when it is looked at.
    pub(super) fn clock(&self) -> Clock {
        let looks = Self(Arc::clone(&self.0));
        Clock::new(move || {
            let now = environment::now();
            looks.with(|looks| looks.push(now));
            now
        })
    }

    fn with<T>(&self, look: impl FnOnce(&mut Vec<TimestampMicros>) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Median seconds of erasing some of the people of a load, one after the other.
pub(super) fn median_cut(load: &mut Load, looks: &Looks) -> anyhow::Result<f64> {
    let people = load.some_people(CUTS);
    let took = people.into_iter().map(|person| cut(load, looks, person));
    Ok(median(&took.collect::<anyhow::Result<Vec<_>>>()?))
}

/// Begins when the engine looks at the clock to decide the order; ends when it first looks at it
/// after the look that dates the receipt, which is when the receipt is durable and guarded.
fn cut(load: &mut Load, looks: &Looks, person: SubjectId) -> anyhow::Result<f64> {
    let (engine, tenant) = load.engine()?;
    let actor = ActorId::from_bytes(random()?);
    let request = ErasureRequest {
        targets: vec![Cut::Subject(person)],
        ground: "art-17".to_owned(),
        ordered_by: actor,
        four_eyes: false,
    };
    looks.with(Vec::clear);
    let order = engine.order_erasure(tenant, request)?;
    let receipt = engine.approve_erasure(tenant, ErasureApproved { order, approved_by: actor })?;
    let rows = engine.journal_rows(tenant, Seq(receipt.seq), 1)?;
    let dated = TimestampMicros(rows.first().context("no receipt in the journal")?.recorded_at);
    looks.with(|looks| {
        let first = looks.first().context("an order without a time")?;
        let last = looks.iter().position(|look| *look == dated).context("a receipt undated")?;
        let end = looks.get(last + 1).context("nothing followed the receipt")?;
        Ok(to_f64(end.0.saturating_sub(first.0)) / 1e6)
    })
}
