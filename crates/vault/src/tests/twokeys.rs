//! One ciphertext that two keys open: the bare cipher takes it, the vault does not.
//!
//! ChaCha20-Poly1305 does not commit to its key. Here an attacker who holds both keys solves the
//! two equations of Poly1305 for two blocks, modulo 2^130 - 5, so that one body is a whole and
//! canonical part under either key: its lengths and its padding are right too. Only the commitment
//! stands between it and the vault (docs/format/keys.md §2).
//!
//! SOURCE: RFC 8439; Albertini et al., "How to Abuse and Fix Authenticated Encryption Without Key
//! Commitment", USENIX Security 2022.
#![expect(clippy::little_endian_bytes, reason = "ChaCha20 and Poly1305 are little-endian")]

use chacha20poly1305::aead::Aead;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit, Nonce};
use record::{Header, PartHeader, body_digest};

use super::world::{World, about, draft, facts, label, subject};
use crate::Opening;

/// Padded bytes of the part: so many that a length below it turns up by chance.
const LENGTH: usize = 65_536;
const BLOCK: usize = 16;

/// A number below 2^130 - 5: `high * 2^128 + low`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Number {
    high: u64,
    low: u128,
}

const P: Number = Number { high: 3, low: u128::MAX - 4 };
const ZERO: Number = Number { high: 0, low: 0 };
const ONE: Number = Number { high: 0, low: 1 };

impl Number {
    fn plus(self, other: Self) -> Self {
        let (low, carry) = self.low.overflowing_add(other.low);
        let sum = Self { high: self.high + other.high + u64::from(carry), low };
        if sum >= P { sum.less(P) } else { sum }
    }

    fn less(self, other: Self) -> Self {
        let (low, borrow) = self.low.overflowing_sub(other.low);
        Self { high: self.high - other.high - u64::from(borrow), low }
    }

    fn minus(self, other: Self) -> Self {
        if self >= other { self.less(other) } else { self.plus(P.less(other)) }
    }

    fn times(self, other: Self) -> Self {
        let mut product = ZERO;
        for bit in (0..130).rev() {
            product = product.plus(product);
            if other.bit(bit) {
                product = product.plus(self);
            }
        }
        product
    }

    fn bit(self, bit: u32) -> bool {
        if bit < 128 { self.low >> bit & 1 == 1 } else { self.high >> (bit - 128) & 1 == 1 }
    }

    fn power(self, exponent: Self) -> Self {
        (0..130).rev().fold(ONE, |power, bit| {
            let square = power.times(power);
            if exponent.bit(bit) { square.times(self) } else { square }
        })
    }

    /// By Fermat: `self^(p - 2)`.
    fn inverse(self) -> Self {
        self.power(P.less(Number { high: 0, low: 2 }))
    }
}

/// A key with its keystream and the two halves of its Poly1305 key.
struct Stream {
    key: [u8; 32],
    commitment: [u8; 32],
    pad: Vec<u8>,
    r: Number,
    s: u128,
}

impl Stream {
    /// The part key of docs/format/keys.md §2.
    fn derive(leaf: &[u8; 32], scope: &[u8; 32], data: &[u8], pad_bytes: usize) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("zegel 2026-11 part key v1");
        hasher.update(leaf).update(scope).update(data);
        let mut output = [0; 64];
        hasher.finalize_xof().fill(&mut output);
        let key: [u8; 32] = output[..32].try_into().unwrap();
        let first = chacha20_block(&key, 0);
        let r = u128::from_le_bytes(first[..16].try_into().unwrap());
        let r = Number { high: 0, low: r & 0x0fff_fffc_0fff_fffc_0fff_fffc_0fff_ffff };
        let s = u128::from_le_bytes(first[16..32].try_into().unwrap());
        let blocks = 1..=u32::try_from(pad_bytes.div_ceil(64)).unwrap();
        let pad = blocks.flat_map(|counter| chacha20_block(&key, counter)).collect();
        Self { key, commitment: output[32..].try_into().unwrap(), pad, r, s }
    }

    /// The sum over all blocks, with zeros in place of the two that are solved.
    fn known(&self, ciphertext: &[u8], solved: [usize; 2]) -> Number {
        let mut blocks: Vec<[u8; BLOCK]> =
            ciphertext.chunks_exact(BLOCK).map(|block| block.try_into().unwrap()).collect();
        let mut lengths = [0; BLOCK];
        lengths[8..].copy_from_slice(&u64::try_from(ciphertext.len()).unwrap().to_le_bytes());
        blocks.push(lengths);
        blocks.iter().enumerate().fold(ZERO, |sum, (at, block)| {
            let number = Number { high: 1, low: u128::from_le_bytes(*block) };
            let number = if solved.contains(&at) { ZERO } else { number };
            sum.plus(number).times(self.r)
        })
    }

    /// What the sum must be for this tag; the other three sums of the same tag are not tried.
    fn wanted(&self, tag: u128) -> Number {
        Number { high: 0, low: tag.wrapping_sub(self.s) }
    }

    fn opens(&self, ciphertext: &[u8], tag: u128) -> Option<Vec<u8>> {
        let cipher = ChaCha20Poly1305::new_from_slice(&self.key).unwrap();
        let sealed = [ciphertext, &tag.to_le_bytes()].concat();
        cipher.decrypt(&Nonce::default(), sealed.as_slice()).ok()
    }
}

/// RFC 8439 §2.3, with a nonce of zeros.
fn chacha20_block(key: &[u8; 32], counter: u32) -> [u8; 64] {
    let mut start = [0u32; 16];
    start[..4].copy_from_slice(&[0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574]);
    for (word, bytes) in start[4..12].iter_mut().zip(key.chunks_exact(4)) {
        *word = u32::from_le_bytes(bytes.try_into().unwrap());
    }
    start[12] = counter;
    let mut state = start;
    for _ in 0..10 {
        for [a, b, c, d] in [[0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15]] {
            quarter(&mut state, a, b, c, d);
        }
        for [a, b, c, d] in [[0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14]] {
            quarter(&mut state, a, b, c, d);
        }
    }
    let mut out = [0; 64];
    for (bytes, (one, other)) in out.chunks_exact_mut(4).zip(state.iter().zip(start)) {
        bytes.copy_from_slice(&one.wrapping_add(other).to_le_bytes());
    }
    out
}

fn quarter(state: &mut [u32; 16], a: usize, b: usize, c: usize, d: usize) {
    for [to, from, turned, by] in [[a, b, d, 16], [c, d, b, 12], [a, b, d, 8], [c, d, b, 7]] {
        state[to] = state[to].wrapping_add(state[from]);
        state[turned] = (state[turned] ^ state[to]).rotate_left(u32::try_from(by).unwrap());
    }
}

/// Two blocks and a tag that satisfy both equations.
fn solve(one: &Stream, other: &Stream, ciphertext: &mut [u8], solved: [usize; 2]) -> u128 {
    let blocks = u64::try_from(ciphertext.len() / BLOCK + 1).unwrap();
    let power = |stream: &Stream, at: usize| {
        let exponent = blocks - u64::try_from(at).unwrap();
        stream.r.power(Number { high: 0, low: u128::from(exponent) })
    };
    let [a, b] = solved.map(|at| power(one, at));
    let [c, d] = solved.map(|at| power(other, at));
    let inverse = a.times(d).minus(b.times(c)).inverse();
    let (known_one, known_other) = (one.known(ciphertext, solved), other.known(ciphertext, solved));
    for tag in 1..u128::MAX {
        let e = one.wanted(tag).minus(known_one);
        let f = other.wanted(tag).minus(known_other);
        let x = e.times(d).minus(b.times(f)).times(inverse);
        let y = a.times(f).minus(e.times(c)).times(inverse);
        // A block counts as itself and 2^128: one solution in four fits, and one in sixteen twice.
        if x.high == 1 && y.high == 1 {
            for (at, number) in solved.into_iter().zip([x, y]) {
                ciphertext[at * BLOCK..][..BLOCK].copy_from_slice(&number.low.to_le_bytes());
            }
            return tag;
        }
    }
    unreachable!("one tag in sixteen fits")
}

/// The content, if lengths and padding are as docs/format/keys.md §2 has them.
fn content(plain: &[u8]) -> Option<&[u8]> {
    let (length, rest) = plain.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).unwrap();
    let (content, padding) = rest.split_at_checked(length)?;
    padding.iter().all(|byte| *byte == 0).then_some(content)
}

/// Two lawful headers of one body length, each under the leaf of another person.
struct Attack {
    world: World,
    headers: [Header; 2],
    streams: [Stream; 2],
    ciphertext: Vec<u8>,
    tag: u128,
}

fn stream(world: &World, header: &Header, pad_bytes: usize) -> Stream {
    let part = &header.parts[1];
    let (leaf, scope) = (world.leaf_key(part.leaf), world.scope_key(part.scope));
    Stream::derive(&leaf, &scope, &header.associated_data(1, part), pad_bytes)
}

fn attack() -> Attack {
    let mut world = World::new();
    let permanent = world.permanent();
    let text = "x".repeat(LENGTH - 4);
    let mut header = |number| {
        let person = label(subject(number), permanent);
        world.seal(draft(vec![facts("facts"), about(person, &text)])).unwrap().header
    };
    let (ann, mut bob) = (header(1), header(2));
    assert_eq!(ann.parts[1].length, u32::try_from(LENGTH).unwrap());
    let one = stream(&world, &ann, LENGTH);
    let mut ciphertext: Vec<u8> = one.pad.iter().map(|pad| pad ^ b'a').collect();
    let whole = u32::try_from(LENGTH - 4).unwrap().to_be_bytes();
    ciphertext.iter_mut().zip(&one.pad).zip(whole).for_each(|((to, pad), is)| *to = pad ^ is);
    // Bob's salt is free: one in 2^16 gives a length that his part may have.
    let mut tried = 0u128;
    let (other, length) = loop {
        tried += 1;
        bob.salt = tried.to_be_bytes();
        let stream = stream(&world, &bob, 64);
        let length: Vec<u8> =
            ciphertext.iter().zip(&stream.pad).map(|(a, b)| a ^ b).take(4).collect();
        let length = u32::from_be_bytes(length.try_into().unwrap());
        let length = usize::try_from(length).unwrap();
        if (4 * BLOCK..LENGTH - 4).contains(&length) {
            break (self::stream(&world, &bob, LENGTH), length);
        }
    };
    // Behind Bob's content stands padding: there the ciphertext is his keystream.
    ciphertext[4 + length..].copy_from_slice(&other.pad[4 + length..LENGTH]);
    let tag = solve(&one, &other, &mut ciphertext, [1, 2]);
    eprintln!("two keys: {tried} salts and {tag} tags tried");
    Attack { world, headers: [ann, bob], streams: [one, other], ciphertext, tag }
}

impl Attack {
    /// The body with this commitment in front, under one of the headers.
    fn opening(&self, which: usize, commitment: &[u8; 32]) -> Opening {
        let body = [&commitment[..], &self.ciphertext, &self.tag.to_le_bytes()].concat();
        let mut header = self.headers[which].clone();
        let digest = body_digest(&body);
        header.parts[1] = PartHeader { digest, ..header.parts[1] };
        self.world.vault.open_part(&header, 1, &body)
    }
}

#[test]
fn the_arithmetic_is_that_of_the_cipher() {
    let stream = Stream::derive(&[1; 32], &[2; 32], b"data", 100);
    let cipher = ChaCha20Poly1305::new_from_slice(&stream.key).unwrap();
    let sealed = cipher.encrypt(&Nonce::default(), &[0u8; 96][..]).unwrap();
    assert_eq!(sealed[..96], stream.pad[..96], "ChaCha20");
    let sum = stream.known(&sealed[..96], [usize::MAX; 2]);
    assert_eq!(sealed[96..], sum.low.wrapping_add(stream.s).to_le_bytes(), "Poly1305");
    let number = Number { high: 2, low: 0x1234_5678_9abc_def0 };
    assert_eq!(number.times(number.inverse()), ONE);
}

#[test]
fn a_ciphertext_of_two_keys_is_one_that_the_bare_cipher_takes_and_the_vault_does_not() {
    let attack = attack();
    // The control: without the commitment both would open, to two contents, each canonical.
    let plain = attack.streams.each_ref().map(|stream| {
        stream.opens(&attack.ciphertext, attack.tag).expect("the bare cipher accepts")
    });
    let contents = plain.each_ref().map(|plain| content(plain).expect("a canonical part"));
    assert_ne!(contents[0], contents[1]);
    assert!(contents.iter().all(|content| content.len() >= 4 * BLOCK));

    let opened = |which, commitment: &[u8; 32]| match attack.opening(which, commitment) {
        Opening::Open(opened) => {
            assert_eq!(opened.bytes.as_slice(), contents[which]);
            true
        }
        Opening::Tampered => false,
        Opening::NoKey => panic!("both leaves are in the tree"),
    };
    let of = [0, 1].map(|which| attack.streams[which].commitment);
    for (commitment, expected) in
        [(of[0], [true, false]), (of[1], [false, true]), ([0; 32], [false, false])]
    {
        let found = [0, 1].map(|which| opened(which, &commitment));
        assert_eq!(found, expected, "the vault opens it under one key at most");
    }
}
