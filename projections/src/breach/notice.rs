//! The e-mail that tells the school that something waits in Zegel.
//!
//! *Invariant:* a mail holds the number of the case, moments, a link and what to do: nothing that
//! anybody wrote, no count and no kind, since mail is read by others too.

use record::TimestampMicros;

use super::rows::Dossier;

/// In which language a mail is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeLanguage {
    /// Dutch.
    Dutch,
    /// English.
    English,
}

/// What stands where the link to the dossier comes.
pub const NOTICE_LINK: &str = "{link}";

/// Subject and body of the mail; `moment` writes a moment as people read it.
#[must_use]
pub fn notice_text(
    dossier: &Dossier,
    language: NoticeLanguage,
    moment: &dyn Fn(TimestampMicros) -> String,
) -> (String, String) {
    let number = dossier.row.number;
    let is_follow_up = dossier.notices.len() > 1;
    let discovered = moment(TimestampMicros(dossier.row.discovered_at));
    let report_by = dossier.row.clocks.report_by.map(|at| moment(TimestampMicros(at)));
    match language {
        NoticeLanguage::Dutch => dutch(number, is_follow_up, &discovered, report_by),
        NoticeLanguage::English => english(number, is_follow_up, &discovered, report_by),
    }
}

fn dutch(
    number: u32,
    is_follow_up: bool,
    discovered: &str,
    report_by: Option<String>,
) -> (String, String) {
    let what = if is_follow_up { "nieuwe informatie bij zaak" } else { "melding, zaak" };
    let until = report_by.map_or_else(String::new, |until| {
        format!(
            "Is het een datalek met risico, dan meldt u het uiterlijk {until} bij de Autoriteit \
             Persoonsgegevens.\n"
        )
    });
    let body = format!(
        "In Zegel staat een beveiligingsincident voor u klaar: zaak {number}, ontdekt op \
         {discovered}.\n\nLees de zaak hier, met uw eigen account: {NOTICE_LINK}\n{until}\nBeoordeel de \
         zaak, beslis over het informeren van de toezichthouder en de betrokkenen, en leg uw \
         beslissing vast.\nStuur geen gegevens over personen terug per e-mail.\n"
    );
    (format!("Beveiligingsincident: {what} {number}"), body)
}

fn english(
    number: u32,
    is_follow_up: bool,
    discovered: &str,
    report_by: Option<String>,
) -> (String, String) {
    let what = if is_follow_up { "news about case" } else { "notice, case" };
    let until = report_by.map_or_else(String::new, |until| {
        format!("If it is a breach with a risk, report it to the authority by {until}.\n")
    });
    let body = format!(
        "A security incident waits for you in Zegel: case {number}, discovered on \
         {discovered}.\n\nRead the case here, with your own account: {NOTICE_LINK}\n{until}\nJudge the \
         case, decide about telling the authority and the people concerned, and record your \
         decision.\nDo not send anything about people back by e-mail.\n"
    );
    (format!("Security incident: {what} {number}"), body)
}
