//! The program: command line, configuration, composition.

mod account;
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
mod names;
mod notice;
mod object;
mod output;
mod record;
mod report;
mod request;
mod serve;
mod setup;
mod store;
mod token;
mod why;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
