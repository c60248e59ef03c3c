//! Sessions without HTTP: a program that passes tokens itself. `cargo run -p examples --bin without_http`

use session::{Databag, MemoryStore, SessionManager};

#[derive(Databag)]
struct Call {
    #[databag(default = "nobody")]
    caller: String,
    topics: Vec<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let calls = SessionManager::<Call>::builder(MemoryStore::new())
        .on_started(|id, call| println!("call {id} from {}", call.caller()))
        .on_deleted(|id, call| println!("call {id} ended after {} topics", call.topics().len()))
        .build()?;

    let call = calls.create().await?;
    call.data.set_caller("ada");
    call.data.update_topics(|topics| topics.push("engines".to_owned()));
    call.save().await?;

    // The client holds only the token, which is enough to load the session.
    let token = call.token().ok_or("a session just created has a token")?;
    let later = calls.get(&token).await?;
    later.data.update_topics(|topics| topics.push("numbers".to_owned()));
    later.save().await?;

    calls.destroy(&later).await?;
    println!("still there: {}", calls.find(&token).await?.is_some());
    Ok(())
}
