//! Where a run records: an engine of its own, or the writer of a server.

use std::sync::mpsc::sync_channel;

use engine::{Engine, EngineError, Handle};

use crate::run::SyncError;

/// Something that lets the engine do a step.
pub trait Desk {
    /// Does one step, and waits for it.
    ///
    /// # Errors
    /// [`SyncError`] when the engine refuses it or has ended.
    fn step<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Engine) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, SyncError>;
}

impl Desk for Engine {
    fn step<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Engine) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, SyncError> {
        Ok(work(self)?)
    }
}

impl Desk for Handle {
    fn step<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Engine) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, SyncError> {
        let (answer, answered) = sync_channel(1);
        let asked = self.ask(move |engine| {
            // Whoever asked may have gone: then nobody is left to tell.
            let _gone = answer.send(work(engine));
        });
        asked.map_err(|_| SyncError::Ended)?;
        Ok(answered.recv().map_err(|_| SyncError::Ended)??)
    }
}
