//! What a system must do to be measured: load records, and answer operations.

use super::item::Field;
use super::mix::{Mix, Operation};
use crate::{Failure, Outcome};

/// A store under the benchmark.
pub(super) trait System {
    /// What does operations, one at a time.
    type Client: Client + 'static;

    /// How the report names it.
    fn name(&self) -> &'static str;

    /// Whether it has what a mix asks for.
    fn answers(&self, mix: Mix) -> bool;

    /// Puts records 0 to `count` in place of all that was there, as they would stand half a minute
    /// later: the time of one record in ten is over.
    async fn load(&self, count: u32) -> Outcome<()>;

    /// Deletes the records whose time is over, and says how many they were.
    async fn expire(&self) -> Outcome<u64>;

    /// A client with the rights that a mix needs.
    async fn client(&self, mix: Mix) -> Outcome<Self::Client>;

    /// Seconds of CPU time that it has used so far outside this process.
    fn cpu_outside(&self) -> Outcome<f64>;
}

/// A client of a system. Each operation answers how many records it touched: those that it read,
/// changed, deleted or put, or the lines of the log. It holds all that it read when it answers.
pub(super) trait Client: Send + Sync {
    /// All fields of record `n`.
    fn read_key(&self, n: u32) -> impl Future<Output = Outcome<usize>> + Send;
    /// All fields of the records that have the purpose of record `n`.
    fn read_purpose(&self, n: u32) -> impl Future<Output = Outcome<usize>> + Send;
    /// All fields of the records that have the user of record `n`.
    fn read_user(&self, n: u32) -> impl Future<Output = Outcome<usize>> + Send;
    /// Puts all fields of record `n` anew, if it is there; its time begins again.
    fn update_key(&self, n: u32) -> impl Future<Output = Outcome<usize>> + Send;
    /// Puts a field to the value of record `n` where the purpose is that of `n`.
    fn update_by_purpose(
        &self,
        n: u32,
        field: Field,
    ) -> impl Future<Output = Outcome<usize>> + Send;
    /// Puts a field to the value of record `n` where the user is that of `n`.
    fn update_by_user(&self, n: u32, field: Field) -> impl Future<Output = Outcome<usize>> + Send;
    /// Deletes record `n`, if it is there.
    fn delete_key(&self, n: u32) -> impl Future<Output = Outcome<usize>> + Send;
    /// Puts record `n`, which has not been there; its time begins now.
    fn insert(&self, n: u32) -> impl Future<Output = Outcome<usize>> + Send;
    /// All fields but the data of the records that have the user of record `n`, also of those whose
    /// time is over.
    fn metadata_of_user(&self, n: u32) -> impl Future<Output = Outcome<usize>> + Send;
    /// The last lines of the log.
    fn read_log(&self, lines: u32) -> impl Future<Output = Outcome<usize>> + Send;
    /// Whether record `n` is still there (1 or 0), and what the log says of its deletion.
    fn verify_deletion(&self, n: u32) -> impl Future<Output = Outcome<usize>> + Send;

    /// Whether an operation that failed so has done nothing and may be asked for again.
    fn may_repeat(failure: &Failure) -> bool;

    /// Does an operation.
    fn perform(&self, operation: Operation) -> impl Future<Output = Outcome<usize>> + Send {
        async move {
            match operation {
                Operation::ReadKey(n) => self.read_key(n).await,
                Operation::ReadPurpose(n) => self.read_purpose(n).await,
                Operation::ReadUser(n) => self.read_user(n).await,
                Operation::UpdateKey(n) => self.update_key(n).await,
                Operation::UpdateByPurpose { n, field } => self.update_by_purpose(n, field).await,
                Operation::UpdateByUser { n, field } => self.update_by_user(n, field).await,
                Operation::DeleteKey(n) => self.delete_key(n).await,
                Operation::Insert(n) => self.insert(n).await,
                Operation::MetadataOfUser(n) => self.metadata_of_user(n).await,
                Operation::ReadLog(lines) => self.read_log(lines).await,
                Operation::VerifyDeletion(n) => self.verify_deletion(n).await,
            }
        }
    }
}
