//! The three nets that later work is caught by: who may do what, where secrets turn up, and what
//! opens that should not.

mod canary;
mod capture;
mod matrix;
mod pages;
mod tampering;
