//! The three nets that later work is caught by: who may do what, where secrets turn up, and what
//! opens that should not.

mod calls;
mod canary;
mod canary_calls;
mod capture;
mod matrix;
mod pages;
mod scan;
mod tampering;
