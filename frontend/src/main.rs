//! The console in the browser.
//!
//! [`App`] is the frame around the pages. [`live::Live`] holds what the server said and wakes what is mounted;
//! payloads of devices are decoded here, with the codec that the server uses too. Modules without a component
//! ([`fleet`], [`tree`], [`chart`], [`write`], [`keys`], [`format`]) are plain functions with tests that need
//! no browser.

#![allow(unreachable_pub, reason = "the component macro repeats each function as a `pub` one")]

mod access_control;
mod answers;
mod api;
mod app;
mod boards;
mod bootstrap;
mod browser;
mod chart;
mod commands;
mod components;
mod enumeration;
mod fleet;
mod format;
mod frame;
mod keys;
mod live;
mod memo;
mod objects;
mod observations;
mod pages;
mod palette;
mod pause;

mod routing;
mod security;
mod server_page;
mod sorted_map;
mod theme;
mod time;
mod trace;
mod traffic;
mod tree;
mod workbench;
mod write;

use app::App;

fn main() {
    std::panic::set_hook(Box::new(|panic| browser::show_crash(&panic.to_string())));
    if let Some(boot) = browser::find("#boot") {
        boot.remove();
    }
    leptos::mount::mount_to_body(App);
}
