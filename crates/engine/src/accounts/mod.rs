//! Who may come in: accounts, what people sign in with and who is signed in, and tokens by which
//! programs come in for them. `docs/sign-in.md` has it in words.

mod account;
mod attempt;
mod change;
mod credential;
mod doorkeeper;
mod enter;
mod failures;
mod house;
mod link;
mod second_factor;
mod signed_in;
mod strength;
mod subject;
mod token;

pub use attempt::{Attempt, SignInError};
pub use change::PasswordChange;
pub use credential::WaysIn;
pub(crate) use doorkeeper::Doorkeeper;
pub use enter::{Method, SignedInNow};
pub(crate) use house::decode;
pub use signed_in::{SignInShown, SignedIn};
pub use token::{Granted, MAX_TOKEN_DAYS};
