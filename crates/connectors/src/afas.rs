//! AFAS Profit: a GetConnector that the customer's administrator defined.
//!
//! *Invariant:* rows are asked for in the order of a field that is unique, so that pages neither
//! overlap nor leave anybody out; before the first page the connector is seen to have the fields.
// SOURCE: help.afas.nl, REST GetConnector and metainfo; docs/format/couplings.md §3.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::contact::{Field, StaffContact, Ticks};
use crate::error::{FetchError, Rule, Step};
use crate::gate::Names;
use crate::run::Desk;
use crate::settings::{AfasNames, AfasSettings};
use crate::wire::Request;

pub(crate) fn names(names: &AfasNames) -> Names {
    Names {
        list: "rows",
        permissions: None,
        beside: &["skip", "take"],
        key: names.key.clone(),
        fields: names.fields.to_vec(),
    }
}

pub(crate) struct Reader<'a> {
    settings: &'a AfasSettings,
    ticks: Ticks,
    authorization: Zeroizing<String>,
    skip: usize,
    place: Place,
}

enum Place {
    Start,
    Pages,
    End,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(settings: &'a AfasSettings, ticks: Ticks) -> Self {
        let authorization = authorization(settings);
        Self { settings, ticks, authorization, skip: 0, place: Place::Start }
    }

    pub(crate) fn next(
        &mut self,
        desk: &mut Desk<'_>,
    ) -> Result<Option<Vec<StaffContact>>, FetchError> {
        match self.place {
            Place::End => return Ok(None),
            Place::Start => self.check(desk)?,
            Place::Pages => {}
        }
        let take = desk.page_rows();
        let names = &self.settings.names;
        let path = format!(
            "connectors/{}?skip={}&take={take}&orderbyfieldids={}",
            names.connector, self.skip, names.key
        );
        let page = desk.page(&self.request(&path))?;
        self.skip = self.skip.saturating_add(page.rows);
        self.place = if page.rows < usize::from(take) { Place::End } else { Place::Pages };
        Ok(Some(page.people))
    }

    /// The connector is there for this token and has every field that is ticked.
    fn check(&self, desk: &mut Desk<'_>) -> Result<(), FetchError> {
        let names = &self.settings.names;
        let path = format!("metainfo/get/{}", names.connector);
        let offered: Metainfo = desk.ask(Step::ConnectorFields, &self.request(&path))?;
        let has = |name: &str| offered.fields.iter().any(|field| field.is(name));
        let ticked = |(field, _): &&(Field, String)| self.ticks.allow(*field);
        let wanted = names.fields.iter().filter(ticked).map(|(_, name)| name);
        let whole = wanted.chain([&names.key]).all(|name| has(name));
        let missing = || FetchError::new(Step::ConnectorFields, Some(200), Rule::FieldNotOffered);
        whole.then_some(()).ok_or_else(missing)
    }

    fn request(&self, path: &str) -> Request<'_> {
        let integration = self.settings.integration.as_ref();
        let mut headers = vec![("Authorization", self.authorization.as_str())];
        headers.extend(integration.map(|id| ("IntegrationId", id.reveal())));
        Request { url: format!("{}/{path}", self.settings.address.text()), headers, form: None }
    }
}

fn authorization(settings: &AfasSettings) -> Zeroizing<String> {
    let token = settings.token.reveal();
    let token = format!("<token><version>1</version><data>{token}</data></token>");
    let token = Zeroizing::new(token);
    let encoded = Zeroizing::new(STANDARD.encode(token.as_bytes()));
    Zeroizing::new(format!("AfasToken {}", *encoded))
}

/// What a connector offers. AFAS names a field by `fieldId`; older answers by `id`.
// KNOWN GAP: the names `fields`, `id` and `fieldId` were not seen in an answer of AFAS itself.
#[derive(Deserialize)]
struct Metainfo {
    fields: Vec<MetainfoField>,
}

#[derive(Deserialize)]
struct MetainfoField {
    id: Option<String>,
    #[serde(rename = "fieldId")]
    field_id: Option<String>,
}

impl MetainfoField {
    fn is(&self, name: &str) -> bool {
        [&self.id, &self.field_id].into_iter().flatten().any(|known| known == name)
    }
}
