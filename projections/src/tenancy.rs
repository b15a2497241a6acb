//! The tenant itself: its name, its start and its end. From public parts alone.

use bincode::{Decode, Encode};
use events::{ErasureEvent, Place, TenancyEvent};
use record::{JournalId, TimestampMicros};

/// One tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Tenancy {
    started: Option<Started>,
    ended_at: Option<TimestampMicros>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Started {
    name: String,
    operator: JournalId,
    at: TimestampMicros,
}

impl Tenancy {
    /// The organisation's name; empty before the first event.
    #[must_use]
    pub fn name(&self) -> &str {
        self.started.as_ref().map_or("", |started| &started.name)
    }

    /// When the tenant started.
    #[must_use]
    pub fn started_at(&self) -> Option<TimestampMicros> {
        self.started.as_ref().map(|started| started.at)
    }

    /// When its keys were destroyed, if they are.
    #[must_use]
    pub const fn ended_at(&self) -> Option<TimestampMicros> {
        self.ended_at
    }

    /// Whether its keys are destroyed.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        self.ended_at.is_some()
    }

    pub(crate) fn apply(&mut self, place: &Place, event: &TenancyEvent) {
        match event {
            TenancyEvent::TenantStarted(event) => {
                self.started = Some(Started {
                    name: event.name.clone(),
                    operator: event.operator,
                    at: place.recorded_at,
                });
            }
            // Notes of the operator journal, which has no views; and of a restore, which the
            // journal tells.
            TenancyEvent::InstallationStarted(_)
            | TenancyEvent::TenantRegistered(_)
            | TenancyEvent::TenantWitnessed(_)
            | TenancyEvent::TenantClosing(_)
            | TenancyEvent::RestoreDeclared(_) => {}
        }
    }

    pub(crate) fn apply_erasure(&mut self, place: &Place, event: &ErasureEvent) {
        match event {
            ErasureEvent::KeysDestroyed(receipt) if receipt.tenant => {
                self.ended_at = Some(place.recorded_at);
            }
            _ => {}
        }
    }
}
