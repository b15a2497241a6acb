//! The life of a tenant: not started, running, ending, ended.

use bincode::{Decode, Encode};
use events::{ErasureEvent, Event, TenancyEvent};
use record::public::{ORGANISATION_BYTES_MAX, TenantStarted};

use crate::command::Command;
use crate::refusal::Refusal;
use crate::state::check_text;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub(crate) enum Tenancy {
    #[default]
    NotStarted,
    Running,
    /// The whole tenant is fenced.
    Ending,
    /// Its keys are destroyed.
    Ended,
}

pub(crate) fn start(started: &TenantStarted) -> Result<Vec<Event>, Refusal> {
    check_text(&started.name, usize::from(ORGANISATION_BYTES_MAX), "name")?;
    Ok(vec![Event::Tenancy(TenancyEvent::TenantStarted(started.clone()))])
}

impl Tenancy {
    pub(crate) const fn has_started(self) -> bool {
        !matches!(self, Self::NotStarted)
    }

    pub(crate) const fn is_ending(self) -> bool {
        matches!(self, Self::Ending | Self::Ended)
    }

    pub(crate) const fn has_ended(self) -> bool {
        matches!(self, Self::Ended)
    }

    /// Whether such a command has its time at all.
    pub(crate) const fn admits(self, command: &Command) -> Result<(), Refusal> {
        let starts = matches!(command, Command::StartTenant(_));
        let finishes = matches!(
            command,
            Command::RecordReceipt(_) | Command::CompleteErasure(_) | Command::PurgeParts(_)
        );
        match self {
            Self::NotStarted if starts => Ok(()),
            Self::NotStarted => Err(Refusal::TenantNotStarted),
            Self::Running if starts => Err(Refusal::TenantStartedAlready),
            Self::Running => Ok(()),
            Self::Ending | Self::Ended if finishes => Ok(()),
            Self::Ending | Self::Ended => Err(Refusal::TenantEnded),
        }
    }

    pub(crate) fn evolve(&mut self, event: &TenancyEvent) {
        match event {
            TenancyEvent::TenantStarted(_) => *self = Self::Running,
            // Notes of the operator journal, and of a restore: no rule of a tenant rests on them.
            TenancyEvent::InstallationStarted(_)
            | TenancyEvent::TenantRegistered(_)
            | TenancyEvent::TenantWitnessed(_)
            | TenancyEvent::TenantClosing(_)
            | TenancyEvent::RestoreDeclared(_) => {}
        }
    }

    pub(crate) fn evolve_erasure(&mut self, event: &ErasureEvent) {
        match event {
            ErasureEvent::ErasureFenced(fence) if fence.tenant => *self = Self::Ending,
            ErasureEvent::KeysDestroyed(receipt) if receipt.tenant => *self = Self::Ended,
            _ => {}
        }
    }
}
