//! What `zegel doctor` and `/readyz` tell: does everything agree, and what should be better.

use serde::Serialize;

use crate::engine::Engine;
use crate::execute::Fault;

/// Said as long as there is no escrow.
pub const NO_ESCROW: &str =
    "no root copy is kept elsewhere: a lost key file is the loss of everything";

/// Said as long as the newest root, or its pages, could not be shipped.
pub const STALE_ESCROW: &str =
    "the escrow does not hold the root in force: mend its directory, then run zegel escrow ship";

/// The state of an installation that opened.
#[derive(Debug, Clone, Serialize)]
pub struct Health {
    /// In the order of the questions.
    pub findings: Vec<Finding>,
}

/// One question and its answer.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub subject: String,
    /// Whether it is as it should be.
    pub good: bool,
    /// Whether the installation must not be trusted while it is not.
    pub grave: bool,
    /// What was found, and what to do about it.
    pub text: String,
}

impl Health {
    /// Whether nothing grave was found.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.findings.iter().all(|finding| finding.good || !finding.grave)
    }
}

impl Engine {
    /// Looks at journals, guards, keys and the medium.
    ///
    /// # Errors
    /// [`Fault`] when the journal cannot be read.
    pub fn health(&mut self) -> Result<Health, Fault> {
        let opened = format!("the database opens, with {} tenants", self.tenants.len());
        let mut findings = vec![good("store", opened)];
        let ids: Vec<_> = self.tenants.keys().copied().collect();
        for id in ids {
            findings.extend(self.tenant_health(id).map_err(|fault| fault.of(id))?);
        }
        let held = self.store.reserve_is_held();
        findings.push(Finding {
            subject: "space".to_owned(),
            good: held,
            grave: false,
            text: match held {
                true => "space for erasures is held by `db/reserve`".to_owned(),
                false => "the space held for erasures was needed or never there: free some, and \
                          the next write takes it back"
                    .to_owned(),
            },
        });
        let level = vault::destruction_level(&self.paths.keys);
        findings.push(Finding {
            subject: "destruction level".to_owned(),
            good: level.number() == 1,
            grave: false,
            text: format!("level {}: {}", level.number(), level.sentence()),
        });
        findings.push(self.leftovers()?);
        findings.extend(self.escrow_findings());
        Ok(Health { findings })
    }

    /// What an unfinished restore left beside the installation.
    fn leftovers(&self) -> Result<Finding, Fault> {
        let found = crate::restore::leftovers_found(&self.paths)?;
        let names: Vec<_> = found.iter().map(|path| path.display().to_string()).collect();
        Ok(Finding {
            subject: "restore".to_owned(),
            good: found.is_empty(),
            grave: true,
            text: match found.is_empty() {
                true => "no restore left a root or a database behind".to_owned(),
                false => format!(
                    "a restore left {}: a root in there outlives erasures; open the installation \
                     anew, which overwrites it",
                    names.join(", ")
                ),
            },
        })
    }

    fn tenant_health(&mut self, id: record::JournalId) -> Result<Vec<Finding>, Fault> {
        let tenant = self.tenants.get_mut(&id).ok_or(Fault::NoTenant)?;
        if tenant.has_ended() {
            return Ok(vec![good("tenant", format!("{id}: ended, public parts read"))]);
        }
        // Opening may have begun at a snapshot: here everything is read, whoever vouched for it.
        self.store.follow(id)?;
        tenant.guard.check(&self.store, tenant.vault()?.epoch())?;
        tenant.find_lost(&self.store)?;
        let size = self.store.size(id);
        let behind = size - tenant.guard.state().size;
        let text = format!("{id}: chain of {size} records agrees, {behind} not guarded yet");
        let lost = &tenant.lost;
        let places: Vec<_> = lost.first.iter().map(|(seq, part)| format!("{seq}/{part}")).collect();
        let census = Finding {
            subject: "key census".to_owned(),
            good: lost.count == 0,
            grave: true,
            text: match lost.count {
                0 if tenant.model.stated_lost.count() > 0 => format!(
                    "{id}: every part opens, has its receipt or is stated lost: a restore did not \
                     bring {} keys back",
                    tenant.model.stated_lost.count()
                ),
                0 => format!("{id}: every part opens or has its receipt"),
                count => format!(
                    "{id}: {count} parts have lost their key without a receipt (record/part {}): \
                     treat it as an incident and restore the pages",
                    places.join(", ")
                ),
            },
        };
        Ok(vec![good("journal and guard", text), census])
    }
}

fn good(subject: &str, text: String) -> Finding {
    Finding { subject: subject.to_owned(), good: true, grave: true, text }
}
