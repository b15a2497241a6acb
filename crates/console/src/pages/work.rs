//! What waits for whoever is signed in.

use serde::Deserialize;

use super::access::OwnAccount;
use super::agreement::AgreementList;
use super::incidents::{Register, Registered};
use crate::page::page;

page! {
    Work => WorkPage "work.html";
}

/// What waits.
#[derive(Debug, Deserialize)]
pub struct Work {
    see_own_account: OwnAccount,
    see_incidents: Option<Register>,
    see_agreement: Option<AgreementList>,
}

impl Work {
    fn open_incidents(&self) -> Vec<&Registered> {
        let all = self.see_incidents.iter().flat_map(|register| &register.incidents);
        all.filter(|row| row.incident.closed_at.is_none()).collect()
    }

    /// Annexes with a version that nobody decided on: id, product, version.
    fn annexes(&self) -> Vec<(&str, &str, u32)> {
        let all = self.see_agreement.iter().flat_map(|list| &list.annexes);
        all.filter_map(|annex| Some((annex.annex.as_str(), annex.product.as_str(), annex.waits()?)))
            .collect()
    }
}
