//! Decoders of this crate, for those who try them on bytes of any kind (feature `trial`).

use crate::manifest::Manifest;
use crate::shipment::{Shipment, ShipmentHead};

/// Reads a shipment; gives its bytes again.
#[must_use]
pub fn shipment(bytes: &[u8]) -> Option<Vec<u8>> {
    let _head = ShipmentHead::read(bytes);
    Shipment::decode(bytes).ok().map(|shipment| shipment.encode())
}

/// Reads the manifest of a backup; gives its text again.
#[must_use]
pub fn backup_manifest(text: &str) -> Option<String> {
    Manifest::parse(text).map(|manifest| manifest.to_string())
}
