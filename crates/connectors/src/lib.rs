//! The outside systems: contact data of staff, fetched page by page, and nothing else.
//!
//! *Invariant:* only the fields of a [`StaffContact`] come in, and of these only the ticked ones;
//! whatever else a peer sends is counted by name at the gate and never becomes a value here.
//!
//! *Invariant:* no error, summary or `Debug` holds a value or a body that a peer sent about a person.
//!
//! *Invariant:* everything has a limit ([`Limits`]), and a run takes the memory of one page and of
//! 32 bytes for each person. There is no clock: time arrives through [`Pace`].
//!
//! What is asked of each system stands in docs/format/couplings.md.

mod afas;
mod citizen_number;
mod contact;
mod error;
mod gate;
mod limits;
mod run;
mod settings;
mod somtoday;
mod wire;

pub use contact::{Field, StaffContact, Ticks};
pub use error::{Complaint, FetchError, Rule, SettingError, Step};
pub use gate::{Reason, Rejected, Stopped};
pub use limits::{Limits, Pace};
pub use run::{Coupling, Run, Summary};
pub use settings::{
    Address, AfasNames, AfasSettings, Brin, OrganisationId, Secret, SomtodaySettings, Trust,
};
