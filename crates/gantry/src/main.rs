//! The program: command line, configuration, composition.

mod audience;
mod audit;
mod cli;
mod columns;
mod contact;
mod count;
mod demo;
mod export;
mod failure;
mod hint;
mod import;
mod init;
mod insight;
mod names;
mod notice;
mod object;
mod output;
mod record;
mod report;
mod request;
mod serve;
mod setup;
mod site;
mod store;
mod token;
mod user;
mod why;

use std::process::ExitCode;

/// Rows are many small pieces: a sixth of the time that it took to read many of them went into the C
/// library's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
