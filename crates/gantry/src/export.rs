//! `gantry export`: everything that one purpose may see of a contact.

use clap::Args;
use serde_json::json;
use uuid::Uuid;

use crate::cli::{Global, WorkArgs};
use crate::failure::Failure;
use crate::output::{Output, print_line, print_table};
use crate::setup::House;
use crate::{contact, record};

/// Whose data.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    work: WorkArgs,
    /// The contact
    #[arg(long, value_name = "ID")]
    contact: Uuid,
}

/// Prints everything.
pub(crate) async fn run(global: &Global, args: &ExportArgs, out: Output) -> Result<(), Failure> {
    let house = House::open(global).await?;
    let done = async {
        let session = house.identified(global, &args.work).await?;
        Ok::<_, Failure>(session.export(args.contact).await?)
    };
    let done = done.await;
    house.close().await?;
    let (profile, records) = done?;
    if out.is_json() {
        return out.value(&json!({ "contact": profile, "records": records }));
    }
    contact::print(&profile, out)?;
    if !records.is_empty() {
        print_line("")?;
    }
    print_table(&record::table(&records))
}
