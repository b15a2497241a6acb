//! Who keeps a place when there are more connections than places.
//!
//! A connection *waits* while it owes us something: its first byte, the rest of a request, the next
//! request. When all places are taken, whoever waits longest gives way to the newcomer.
//!
//! *Invariant:* a connection whose request is at work is never sent away; one that was sent away
//! just before is still answered.
//! *Invariant:* those who never showed the token hold at most half of the places when it matters, so
//! they cannot drive out those who did, and those who did cannot lock out a newcomer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use tokio::sync::Notify;

use crate::problem::{Kind, Problem};

/// All places.
#[derive(Debug, Clone)]
pub(crate) struct Crowd(Arc<Mutex<Places>>);

/// The lock is held for a few map operations, never across a wait.
#[derive(Debug)]
struct Places {
    all: usize,
    taken: usize,
    next_turn: u64,
    strangers: Queue,
    known: Queue,
}

/// Who waits, the longest first.
type Queue = BTreeMap<u64, Arc<Notify>>;

/// One connection's place; it is free again once the last clone is dropped.
#[derive(Debug, Clone)]
pub(crate) struct Seat(Arc<Occupied>);

#[derive(Debug)]
struct Occupied {
    crowd: Crowd,
    away: Arc<Notify>,
    /// Touched by the connection's own task alone.
    stands: Mutex<Stands>,
}

#[derive(Debug, Clone, Copy)]
struct Stands {
    known: bool,
    /// Its turn to give way; none while at work, or once sent away.
    turn: Option<u64>,
    away: bool,
    at_work: bool,
}

/// While it lives, its connection is not sent away.
#[derive(Debug)]
pub(crate) struct AtWork(Seat);

impl Crowd {
    pub(crate) fn new(places: usize) -> Self {
        let (strangers, known) = (Queue::new(), Queue::new());
        Self(Arc::new(Mutex::new(Places { all: places, taken: 0, next_turn: 0, strangers, known })))
    }

    /// A place for a newcomer; none only while every connection is at work.
    pub(crate) fn enter(&self) -> Option<Seat> {
        let mut places = self.places();
        if places.taken >= places.all && !places.send_one_away() {
            return None;
        }
        places.taken += 1;
        let away = Arc::new(Notify::new());
        let turn = Some(places.wait(false, &away));
        let stands = Mutex::new(Stands { known: false, turn, away: false, at_work: false });
        Some(Seat(Arc::new(Occupied { crowd: self.clone(), away, stands })))
    }

    /// Frees one place, and so a file descriptor, if anybody merely waits.
    pub(crate) fn send_one_away(&self) -> bool {
        self.places().send_one_away()
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Places {
    fn wait(&mut self, known: bool, away: &Arc<Notify>) -> u64 {
        let turn = self.next_turn;
        self.next_turn += 1;
        self.queue(known).insert(turn, Arc::clone(away));
        turn
    }

    fn queue(&mut self, known: bool) -> &mut Queue {
        if known { &mut self.known } else { &mut self.strangers }
    }

    fn send_one_away(&mut self) -> bool {
        let crowded = self.known.is_empty() || self.strangers.len() > self.all / 2;
        let Some((_, away)) = self.queue(!crowded).pop_first() else { return false };
        away.notify_one();
        self.taken -= 1;
        true
    }
}

impl Seat {
    /// The caller showed the token: from now on it is no stranger.
    pub(crate) fn becomes_known(&self) {
        let mut stands = self.stands();
        if stands.known {
            return;
        }
        stands.known = true;
        self.leave_queue(&mut stands, false);
        self.join_queue(&mut stands);
    }

    /// A whole request arrived and is worked on.
    pub(crate) fn at_work(&self) -> AtWork {
        let mut stands = self.stands();
        let known = stands.known;
        self.leave_queue(&mut stands, known);
        stands.at_work = true;
        AtWork(self.clone())
    }

    /// Whether its request is worked on now.
    pub(crate) fn is_at_work(&self) -> bool {
        self.stands().at_work
    }

    /// Ready once this connection has to give way.
    pub(crate) async fn sent_away(&self) {
        self.0.away.notified().await;
    }

    fn leave_queue(&self, stands: &mut Stands, known: bool) {
        let Some(turn) = stands.turn.take() else { return };
        let left = self.0.crowd.places().queue(known).remove(&turn);
        stands.away |= left.is_none();
    }

    fn join_queue(&self, stands: &mut Stands) {
        if !stands.away {
            stands.turn = Some(self.0.crowd.places().wait(stands.known, &self.0.away));
        }
    }

    fn stands(&self) -> MutexGuard<'_, Stands> {
        self.0.stands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        let mut stands = self.0.stands();
        stands.at_work = false;
        self.0.join_queue(&mut stands);
    }
}

impl Drop for Occupied {
    fn drop(&mut self) {
        let stands = *self.stands.get_mut().unwrap_or_else(PoisonError::into_inner);
        let mut places = self.crowd.places();
        let waited = stands.turn.map(|turn| places.queue(stands.known).remove(&turn).is_some());
        // Who was sent away gave its place to another.
        if waited.unwrap_or(!stands.away) {
            places.taken -= 1;
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Seat {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let seat = parts.extensions.get::<Self>().cloned();
        seat.ok_or_else(|| Problem::of(Kind::Fault))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_away(seat: &Seat) -> bool {
        let mut away = std::pin::pin!(seat.sent_away());
        let waker = std::task::Waker::noop();
        away.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_ready()
    }

    #[test]
    fn the_one_that_waits_longest_gives_way() {
        let crowd = Crowd::new(2);
        let (first, second) = (crowd.enter().unwrap(), crowd.enter().unwrap());
        let third = crowd.enter().unwrap();
        assert!(is_away(&first) && !is_away(&second) && !is_away(&third));
        drop(first);
        let fourth = crowd.enter().unwrap();
        assert!(is_away(&second) && !is_away(&third) && !is_away(&fourth));
    }

    #[test]
    fn whoever_is_at_work_stays() {
        let crowd = Crowd::new(1);
        let seat = crowd.enter().unwrap();
        let at_work = seat.at_work();
        assert!(crowd.enter().is_none() && !is_away(&seat));
        drop(at_work);
        assert!(crowd.enter().is_some() && is_away(&seat));
    }

    #[test]
    fn strangers_keep_half_and_drive_out_nobody_beyond_it() {
        let crowd = Crowd::new(4);
        let known: Vec<_> = (0..4).map(|_| crowd.enter().unwrap()).collect();
        known.iter().for_each(Seat::becomes_known);
        let strangers: Vec<_> = (0..100).map(|_| crowd.enter().unwrap()).collect();
        let away = |seats: &[Seat]| seats.iter().map(is_away).filter(|away| *away).count();
        // One more than half is the newcomer itself, who drives out one of its own kind.
        assert_eq!((away(&known), away(&strangers)), (3, 97));
    }

    #[test]
    fn a_place_is_counted_once_however_it_ends() {
        let crowd = Crowd::new(2);
        for round in 0..100 {
            let seat = crowd.enter().unwrap();
            if round % 2 == 0 {
                seat.becomes_known();
            }
            let at_work = (round % 3 == 0).then(|| seat.at_work());
            let others: Vec<_> = (0..round % 5).filter_map(|_| crowd.enter()).collect();
            drop(seat);
            drop(at_work);
            drop(others);
            assert_eq!(crowd.places().taken, 0);
            assert!(crowd.places().known.is_empty() && crowd.places().strangers.is_empty());
        }
    }
}
