//! The program: command line, configuration, composition.

mod cli;
mod contact;
mod failure;
mod init;
mod notice;
mod output;
mod setup;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
