//! Fetches a price file, only when it is asked for by name: the one place that reaches out.

use std::time::Duration;

use anyhow::Context;

/// The list that <https://github.com/BerriAI/litellm> keeps.
pub(crate) const LITELLM: &str =
    "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json";
/// The file has a few megabytes; more than this is something else.
const MOST_BYTES: u64 = 32 * 1024 * 1024;
const TIMEOUT: Duration = Duration::from_secs(30);

/// The text at `url`.
pub(crate) fn fetch(url: &str) -> anyhow::Result<String> {
    fetch_up_to(url, MOST_BYTES)
}

fn fetch_up_to(url: &str, most_bytes: u64) -> anyhow::Result<String> {
    let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).build().into();
    let mut response = agent.get(url).call().with_context(|| format!("cannot download {url}"))?;
    response
        .body_mut()
        .with_config()
        .limit(most_bytes)
        .read_to_string()
        .with_context(|| format!("cannot read what {url} sent"))
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::io::Write;
    use std::net::TcpListener;
    use std::thread::JoinHandle;

    use super::*;

    fn serve(answer: &'static str) -> (String, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/prices.json", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        });
        (url, server)
    }

    #[test]
    fn what_is_sent_is_returned_up_to_a_limit() {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\n0123456789";
        for (limit, text) in [(10, Some("0123456789")), (9, None)] {
            let (url, server) = serve(answer);
            assert_eq!(fetch_up_to(&url, limit).ok().as_deref(), text);
            server.join().unwrap();
        }
    }

    #[test]
    fn a_refusal_is_an_error_that_names_the_address() {
        let (url, server) = serve("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        let error = format!("{:#}", fetch(&url).unwrap_err());
        assert!(error.contains(&url) && error.contains("404"), "{error}");
        server.join().unwrap();
    }
}
