//! The server, asked over real connections, with a real engine behind it.
//!
//! No test waits for a clock: each waits for an answer or for the end of a connection, and the
//! time-outs that it is not about are an hour.

mod breach;
mod client;
mod console;
mod governed;
mod school;
mod server;

mod agreement;
mod form;
mod limits;
mod live;
mod log;
mod observe;
mod operations;
mod refusals;
mod request;
mod routes;
mod sign_in;
mod stop;
mod survey;
mod timeline;
