//! The index against a naive registry.

mod following;
mod model;
mod property;
mod resolving;
mod serving;
mod toy;
