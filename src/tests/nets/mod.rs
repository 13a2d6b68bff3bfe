//! The three nets that later work is caught by: who may do what, where secrets turn up, and what
//! opens that should not.

mod calls;
mod canary;
mod canary_account;
mod canary_calls;
mod canary_people;
mod canary_webhooks;
mod capture;
mod functions;
mod matrix;
mod operations;
mod pages;
mod roles;
mod scan;
mod subjects;
mod tampering;
