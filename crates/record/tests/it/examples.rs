//! The values behind the golden bytes, and how to read those.

use std::fs;
use std::path::PathBuf;

use record::note::NoteSigner;
use record::public::{
    Cut, ErasureApproved, ErasureCompleted, ErasureFenced, ErasureOrdered, InstallationStarted,
    KeysDestroyed, PartsPurged, PublicPart, RestoreDeclared, TenantClosing, TenantRegistered,
    TenantStarted, TenantWitnessed,
};
use record::{
    ActorId, CHAIN_START, CommandId, EventKind, Hash, JournalId, LeafId, OrderId, Origin,
    PartHeader, PartKind, Record, ScopeId, Sealed, SealedPart, Seq, SubjectId, TimestampMicros,
    body_digest,
};

/// Thirty-two bytes that nobody can mistake for a real key.
pub(crate) const TEST_SEED: &[u8; 32] = b"zegel test seed, never a secret!";

pub(crate) fn signer() -> NoteSigner {
    let operator = JournalId::from_bytes(id(0xb0));
    NoteSigner::new(&format!("zegel-installation-{operator}"), TEST_SEED).unwrap()
}

/// Sixteen bytes that count up from `first`.
pub(crate) fn id(first: u8) -> [u8; 16] {
    std::array::from_fn(|offset| first + u8::try_from(offset).unwrap())
}

pub(crate) fn tenant() -> JournalId {
    JournalId::from_bytes(id(0xa0))
}

pub(crate) fn public_record() -> Record {
    let body = golden("public-tenant.started");
    let header = PartHeader {
        kind: PartKind::Public,
        leaf: LeafId::from_bytes([0; 16]),
        scope: ScopeId::from_bytes([0; 16]),
        length: u32::try_from(body.len()).unwrap(),
        digest: body_digest(&body),
    };
    Sealed::assume_sealed(
        Origin::first(tenant()),
        EventKind::new("tenant.started", 1).unwrap(),
        CommandId::from_bytes(id(0xc0)),
        id(0xd0),
        vec![SealedPart::new(header, body)],
    )
    .into_record(Seq(0), TimestampMicros(1_767_225_600_000_000), CHAIN_START)
}

pub(crate) fn sealed_record() -> Record {
    Sealed::assume_sealed(
        Origin::first(tenant()),
        EventKind::new("survey.response-submitted", 1).unwrap(),
        CommandId::from_bytes(id(0x00)),
        id(0xe0),
        vec![sealed_part(0x10, 0x20, 64, 0), sealed_part(0x30, 0x40, 72, 1)],
    )
    .into_record(
        Seq(1),
        TimestampMicros(1_767_225_601_000_000),
        public_record().header.record_hash(),
    )
}

fn sealed_part(leaf: u8, scope: u8, length: u32, index: u8) -> SealedPart {
    let body = golden(&format!("part-{index}-body"));
    let header = PartHeader {
        kind: PartKind::Sealed,
        leaf: LeafId::from_bytes(id(leaf)),
        scope: ScopeId::from_bytes(id(scope)),
        length,
        digest: body_digest(&body),
    };
    SealedPart::new(header, body)
}

/// Every public part, with the name of its golden file.
pub(crate) fn public_parts() -> Vec<(&'static str, PublicPart)> {
    let mut parts = tenancy_parts();
    parts.extend(erasure_parts());
    parts
}

fn tenancy_parts() -> Vec<(&'static str, PublicPart)> {
    let started = InstallationStarted { vkey: signer().vkey().to_string() };
    let registered = TenantRegistered { tenant: tenant(), name: "Example School".to_owned() };
    let checkpoint = *blake3::Hasher::new()
        .update(&[0x55; 32])
        .update(crate::golden::checkpoint().text().as_bytes())
        .finalize()
        .as_bytes();
    let witnessed = TenantWitnessed { tenant: tenant(), checkpoint: Hash(checkpoint) };
    let closing = TenantClosing {
        tenant: tenant(),
        seq: Seq(1),
        record: sealed_record().header.record_hash(),
        destroyed: true,
    };
    let operator = JournalId::from_bytes(id(0xb0));
    let tenant_started = TenantStarted { operator, name: "Example School".to_owned() };
    vec![
        ("public-installation.started", PublicPart::InstallationStarted(started)),
        ("public-tenant.registered", PublicPart::TenantRegistered(registered)),
        ("public-tenant.witnessed", PublicPart::TenantWitnessed(witnessed)),
        ("public-tenant.closing", PublicPart::TenantClosing(closing)),
        ("public-tenant.started", PublicPart::TenantStarted(tenant_started)),
    ]
}

fn erasure_parts() -> Vec<(&'static str, PublicPart)> {
    let (order, approved_by) = (OrderId::from_bytes(id(0x60)), ActorId::from_bytes(id(0x80)));
    let approved = ErasureApproved { order, approved_by };
    let purged = PartsPurged { order, parts: vec![(Seq(1), 1), (Seq(2), 0)] };
    vec![
        ("public-erasure.ordered", PublicPart::ErasureOrdered(ordered())),
        ("public-erasure.approved", PublicPart::ErasureApproved(approved)),
        ("public-erasure.fenced", PublicPart::ErasureFenced(fenced())),
        ("public-erasure.fenced-tenant", PublicPart::ErasureFenced(fenced_tenant())),
        ("public-erasure.keys-destroyed", PublicPart::KeysDestroyed(destroyed())),
        ("public-erasure.keys-destroyed-tenant", PublicPart::KeysDestroyed(destroyed_tenant())),
        ("public-erasure.completed", PublicPart::ErasureCompleted(ErasureCompleted { order })),
        ("public-erasure.parts-purged", PublicPart::PartsPurged(purged)),
        ("public-restore.declared", PublicPart::RestoreDeclared(restored())),
    ]
}

pub(crate) fn ordered() -> ErasureOrdered {
    ErasureOrdered {
        order: OrderId::from_bytes(id(0x60)),
        ground: "art-17".to_owned(),
        ordered_by: ActorId::from_bytes(id(0x70)),
        four_eyes: true,
        targets: vec![
            Cut::Subject(SubjectId::from_bytes(id(0x50))),
            Cut::Leaf(LeafId::from_bytes(id(0x30))),
            Cut::Scope(ScopeId::from_bytes(id(0x40))),
            Cut::Tenant,
        ],
    }
}

pub(crate) fn fenced() -> ErasureFenced {
    ErasureFenced {
        order: OrderId::from_bytes(id(0x60)),
        epoch_before: 7,
        tenant: false,
        leaves: vec![LeafId::from_bytes(id(0x30)), LeafId::from_bytes(id(0x90))],
        scopes: vec![ScopeId::from_bytes(id(0x40))],
    }
}

fn fenced_tenant() -> ErasureFenced {
    ErasureFenced { tenant: true, leaves: vec![], scopes: vec![], ..fenced() }
}

pub(crate) fn destroyed() -> KeysDestroyed {
    KeysDestroyed {
        order: OrderId::from_bytes(id(0x60)),
        ground: "art-17".to_owned(),
        approved_by: ActorId::from_bytes(id(0x80)),
        epoch_before: 7,
        epoch_after: 8,
        level: 1,
        backup_days: 30,
        tenant: false,
        leaves: fenced().leaves,
        scopes: fenced().scopes,
    }
}

fn destroyed_tenant() -> KeysDestroyed {
    KeysDestroyed {
        level: 0,
        backup_days: 0,
        tenant: true,
        leaves: vec![],
        scopes: vec![],
        ..destroyed()
    }
}

pub(crate) fn restored() -> RestoreDeclared {
    RestoreDeclared {
        guarded_era: 0,
        guarded_size: 9,
        guarded_root: Hash(golden("tree-root-of-records").try_into().unwrap()),
        guarded_epoch: 7,
        restored_size: 2,
        ground: "disk-lost".to_owned(),
        approved_by: ActorId::from_bytes(id(0x80)),
        lost_leaves: fenced().leaves,
        lost_scopes: fenced().scopes,
    }
}

/// The bytes of a golden file that holds one value.
pub(crate) fn golden(name: &str) -> Vec<u8> {
    let [one] = golden_lines(name).try_into().unwrap();
    one
}

/// The bytes of each line of a golden file.
pub(crate) fn golden_lines(name: &str) -> Vec<Vec<u8>> {
    golden_text(&format!("{name}.hex")).lines().map(from_hex).collect()
}

pub(crate) fn golden_text(file: &str) -> String {
    fs::read_to_string(root().join("golden").join(file)).unwrap()
}

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn from_hex(line: &str) -> Vec<u8> {
    assert!(line.len().is_multiple_of(2), "an odd number of digits");
    let digits: Vec<u32> = line.chars().map(|digit| digit.to_digit(16).unwrap()).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
}
