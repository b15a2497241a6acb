//! Somtoday Connect: the staff of an organisation, location by location.
//!
//! *Invariant:* nothing about people is asked before the answer has shown that the token is for the
//! organisation that the operator set, by its UUID and its BRIN.
// SOURCE: Somtoday Connect, Generiek Koppelvlak 14.10.0; docs/format/couplings.md §4.

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::contact::{Field, StaffContact};
use crate::error::{FetchError, Rule, Step};
use crate::gate::{Names, Page};
use crate::run::Desk;
use crate::settings::{SomtodaySettings, uuid};
use crate::wire::Request;

/// Locations that a run visits; the largest boards have about a hundred.
const LOCATIONS_MAX: usize = 200;
/// Longest access token.
const TOKEN_BYTES_MAX: usize = 8 * 1024;

pub(crate) fn names() -> Names {
    let named = |(field, name): (Field, &str)| (field, name.to_owned());
    let fields = [
        (Field::GivenName, "roepnaam"),
        (Field::Initials, "voorletters"),
        (Field::Prefix, "voorvoegsel"),
        (Field::Surname, "achternaam"),
        (Field::SchoolEmail, "emailadres"),
    ];
    Names {
        list: "medewerkers",
        permissions: Some("veldpermissies"),
        beside: &[],
        // Unique in an organisation, at all its locations; an address is not, says the document.
        key: "uuid".to_owned(),
        fields: fields.map(named).to_vec(),
    }
}

pub(crate) struct Reader<'a> {
    settings: &'a SomtodaySettings,
    /// `Bearer …`, after the first answer.
    authorization: Option<Zeroizing<String>>,
    /// Locations still to visit, the one at hand last.
    locations: Vec<String>,
    offset: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(settings: &'a SomtodaySettings) -> Self {
        Self { settings, authorization: None, locations: Vec::new(), offset: 0 }
    }

    pub(crate) fn next(
        &mut self,
        desk: &mut Desk<'_>,
    ) -> Result<Option<Vec<StaffContact>>, FetchError> {
        if self.authorization.is_none() {
            self.authorize(desk)?;
            self.check_organisation(desk)?;
            self.locations = self.locations(desk)?;
        }
        while let Some(location) = self.locations.last().cloned() {
            let page = self.page(desk, &location)?;
            if page.rows > 0 {
                self.offset = self.offset.saturating_add(usize::from(desk.page_rows()));
                return Ok(Some(page.people));
            }
            self.locations.pop();
            self.offset = 0;
            desk.next_list();
        }
        Ok(None)
    }

    /// A page; where the token ran out meanwhile, with a new one.
    fn page(&mut self, desk: &mut Desk<'_>, location: &str) -> Result<Page, FetchError> {
        let path = format!(
            "connect/vestiging/{location}/medewerker?offset={}&amount={}&veldpermissies=true",
            self.offset,
            desk.page_rows()
        );
        match desk.page(&self.request(&path)) {
            Err(error) if error.status == Some(401) => {
                self.authorize(desk)?;
                desk.page(&self.request(&path))
            }
            page => page,
        }
    }

    fn authorize(&mut self, desk: &mut Desk<'_>) -> Result<(), FetchError> {
        let SomtodaySettings { token_address, organisation, client, secret, .. } = self.settings;
        let (client, secret) = (escaped(client.reveal()), escaped(secret.reveal()));
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}",
            *client, *secret
        );
        let form = Zeroizing::new(form);
        let url = format!("{}?organisation={}", token_address.text(), organisation.text());
        let request = Request { url, form: Some(&form), ..Request::default() };
        let given: Token = desk.ask(Step::Token, &request)?;
        let token = Zeroizing::new(given.access_token);
        let fits = (1..=TOKEN_BYTES_MAX).contains(&token.len());
        if !fits || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(FetchError::new(Step::Token, Some(200), Rule::Shape));
        }
        self.authorization = Some(Zeroizing::new(format!("Bearer {}", *token)));
        Ok(())
    }

    fn check_organisation(&self, desk: &mut Desk<'_>) -> Result<(), FetchError> {
        let request = self.request("connect/instelling");
        let answer: Organisations = desk.ask(Step::Organisation, &request)?;
        let failed = |rule| FetchError::new(Step::Organisation, Some(200), rule);
        let [one] = answer.instellingen.as_slice() else {
            return Err(failed(Rule::OtherOrganisation));
        };
        if uuid(&one.uuid).as_deref() != Some(self.settings.organisation.text()) {
            return Err(failed(Rule::OtherOrganisation));
        }
        let ours = |brin: &String| brin.eq_ignore_ascii_case(self.settings.brin.text());
        one.brins.iter().any(ours).then_some(()).ok_or_else(|| failed(Rule::OtherBrin))
    }

    fn locations(&self, desk: &mut Desk<'_>) -> Result<Vec<String>, FetchError> {
        let answer: Locations = desk.ask(Step::Locations, &self.request("connect/vestiging"))?;
        let failed = |rule| FetchError::new(Step::Locations, Some(200), rule);
        let found = answer.vestigingen.iter().map(|location| uuid(&location.uuid));
        // The last is visited first.
        let mut found: Vec<String> =
            found.rev().collect::<Option<_>>().ok_or_else(|| failed(Rule::Shape))?;
        let count = found.len();
        let mut once = std::collections::BTreeSet::new();
        found.retain(|location| once.insert(location.clone()));
        let fits = (1..=LOCATIONS_MAX).contains(&count);
        fits.then_some(found).ok_or_else(|| failed(Rule::Locations))
    }

    fn request(&self, path: &str) -> Request<'_> {
        let authorization = self.authorization.as_ref();
        let headers = authorization.map(|bearer| ("Authorization", bearer.as_str()));
        let url = format!("{}/{path}", self.settings.address.text());
        Request { url, headers: headers.into_iter().collect(), form: None }
    }
}

/// A value of a form: everything but unreserved characters as `%XX`.
fn escaped(text: &str) -> Zeroizing<String> {
    let escape = |byte: u8| match byte {
        b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    Zeroizing::new(text.bytes().map(escape).collect())
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
}

#[derive(Deserialize)]
struct Organisations {
    instellingen: Vec<Organisation>,
}

#[derive(Deserialize)]
struct Organisation {
    uuid: String,
    #[serde(default)]
    brins: Vec<String>,
}

#[derive(Deserialize)]
struct Locations {
    vestigingen: Vec<Location>,
}

#[derive(Deserialize)]
struct Location {
    uuid: String,
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_form_value_is_escaped() {
        assert_eq!(*escaped("a-Z0~"), "a-Z0~");
        assert_eq!(*escaped("a&b=c d+é"), "a%26b%3Dc%20d%2B%C3%A9");
    }
}
