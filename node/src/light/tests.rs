//! The answers, over a chain that remembers little.

mod answering;
mod serving;
mod toy;
