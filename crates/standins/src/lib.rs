//! Local stand-ins for the outside systems: they answer as the real ones are documented to, serve
//! invented people, and misbehave when told to. For tests and the demo.
//!
//! *Invariant:* they listen on a loopback address only, and nobody they serve exists.
//!
//! *Invariant:* the memory of a stand-in does not grow with its people: each page is made when it
//! is asked for.

use std::io;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

pub mod afas;
mod habit;
mod http;
mod people;
pub mod somtoday;
mod tls;

pub use habit::{CITIZEN_NUMBER, Habit, Mischief, Place};
pub use http::Asked;
pub use people::{People, Person};
pub use tls::{ROOT_PEM, STRANGER_PEM};

/// Requests that are remembered.
const ASKED_MAX: usize = 10_000;

/// Which system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// AFAS Profit.
    Afas,
    /// Somtoday Connect.
    Somtoday,
}

/// What a stand-in is to be.
#[derive(Debug, Clone)]
pub struct Role {
    /// The system it stands for.
    pub system: System,
    /// Whom it holds.
    pub people: People,
    /// What it does wrong, if anything.
    pub mischief: Option<Mischief>,
    /// Somtoday: how many requests a token is good for.
    pub token_lasts: usize,
    /// Speaks TLS, with a certificate under [`ROOT_PEM`].
    pub tls: bool,
}

impl Role {
    /// Without mischief or TLS.
    #[must_use]
    pub fn faithful(system: System, people: People) -> Self {
        Self { system, people, mischief: None, token_lasts: usize::MAX, tls: false }
    }
}

/// A running stand-in; it stops when dropped.
#[derive(Debug)]
pub struct Standin {
    address: SocketAddr,
    tls: bool,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    role: Role,
    stopped: AtomicBool,
    /// Guards what was asked and what is remembered, for the time of making one answer.
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    asked: Vec<Asked>,
    /// Answers at the place of the mischief.
    there: usize,
    somtoday: somtoday::Memory,
}

impl Standin {
    /// Starts one on a free port.
    ///
    /// # Errors
    /// What the system says about the port.
    pub fn start(role: Role) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let tls = role.tls;
        let memory = somtoday::Memory { token_lasts: role.token_lasts, ..Default::default() };
        let state = State { somtoday: memory, ..State::default() };
        let state = Mutex::new(state);
        let shared = Arc::new(Shared { role, stopped: AtomicBool::new(false), state });
        let thread = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || shared.listen(&listener)
        });
        Ok(Self { address, tls, shared, thread: Some(thread) })
    }

    /// Where it listens, such as `http://127.0.0.1:4321`.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("{}://{}", if self.tls { "https" } else { "http" }, self.address)
    }

    /// The first 10,000 requests, in order.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.lock().asked.clone()
    }
}

impl Drop for Standin {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Wakes the listener, which then sees that it is to stop.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn listen(self: &Arc<Self>, listener: &TcpListener) {
        while let Ok((stream, _)) = listener.accept() {
            if self.stopped.load(Ordering::SeqCst) {
                return;
            }
            let shared = Arc::clone(self);
            // A peer that hangs up early is no failure of the stand-in.
            std::thread::spawn(move || drop(shared.serve(stream)));
        }
    }

    fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        if self.role.tls {
            let mut stream = tls::accept(stream)?;
            self.talk(&mut stream)?;
            stream.conn.send_close_notify();
            return stream.flush();
        }
        self.talk(&mut stream)
    }

    fn talk(&self, stream: &mut (impl Read + Write)) -> io::Result<()> {
        let asked = http::read(stream)?;
        self.reply(&asked).send(stream)
    }

    fn reply(&self, asked: &Asked) -> http::Reply {
        let mut state = self.lock();
        if state.asked.len() < ASKED_MAX {
            state.asked.push(asked.clone());
        }
        let place = match self.role.system {
            System::Afas => afas::place(asked),
            System::Somtoday => somtoday::place(asked),
        };
        let habit = self.role.mischief.as_ref().filter(|mischief| mischief.at == place);
        let habit = habit.and_then(|mischief| {
            state.there += 1;
            let before = state.there - 1;
            let now = before >= mischief.after && before - mischief.after < mischief.times;
            now.then_some(&mischief.habit)
        });
        let people = self.role.people;
        let mut reply = match self.role.system {
            System::Afas => afas::answer(asked, people, habit),
            System::Somtoday => somtoday::answer(asked, people, habit, &mut state.somtoday),
        };
        if let Some(habit) = habit {
            habit.disturb(&mut reply);
        }
        reply
    }
}

#[cfg(test)]
mod tests;
