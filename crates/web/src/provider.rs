//! The company's own provider of identities (OpenID Connect Core 1.0, authorization code with PKCE).
//!
//! It says who somebody is: issuer and subject. Which account that is, and what the account may do, the
//! house says.

use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, TokenResponse,
};

/// Where the provider sends people back to, in this house.
pub(crate) const BACK: &str = "/sign-in/provider/back";
/// The provider must have answered within so many seconds.
const WITHIN: std::time::Duration = std::time::Duration::from_secs(10);

/// A provider.
#[derive(Clone, Debug)]
pub struct Provider {
    /// What people call it, e.g. `Harju account`.
    pub title: String,
    issuer: IssuerUrl,
    client: ClientId,
    secret: Option<ClientSecret>,
    back: RedirectUrl,
    http: reqwest::Client,
}

/// What a browser keeps between leaving and coming back.
pub(crate) struct Leaving {
    pub(crate) to: String,
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) verifier: String,
}

/// Who came back.
pub(crate) struct Identity {
    pub(crate) issuer: String,
    pub(crate) subject: String,
}

/// What can go wrong. What the provider answered is not repeated.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// An address is none.
    #[error("{0} is not an address")]
    Address(&'static str),
    /// The provider cannot be reached, or does not say what it must.
    #[error("the provider of identities does not answer as it should: {0}")]
    Answer(&'static str),
    /// It answered, and what it says does not hold.
    #[error("what the provider of identities says does not hold: {0}")]
    Claims(&'static str),
}

impl Provider {
    /// A provider by its issuer, for a client that it knows. `public_url` is where people reach this
    /// house: `PUBLIC_URL/sign-in/provider/back` must be registered with the provider.
    pub fn new(
        title: &str,
        issuer: &str,
        client: (&str, Option<&str>),
        public_url: &str,
    ) -> Result<Provider, ProviderError> {
        use reqwest::{ClientBuilder, redirect::Policy};
        let issuer = IssuerUrl::new(issuer.to_owned());
        let back = RedirectUrl::new(format!("{public_url}{BACK}"));
        // Whoever follows redirects of a provider may be led into one's own network.
        let http = ClientBuilder::new().redirect(Policy::none()).timeout(WITHIN).build();
        Ok(Provider {
            title: title.to_owned(),
            issuer: issuer.map_err(|_| ProviderError::Address("the provider's issuer"))?,
            client: ClientId::new(client.0.to_owned()),
            secret: client.1.map(|secret| ClientSecret::new(secret.to_owned())),
            back: back.map_err(|_| ProviderError::Address("the public address"))?,
            http: http.map_err(|_| ProviderError::Answer("no client for HTTP"))?,
        })
    }

    /// What it says of itself, with its keys: asked anew each time, so that keys may change.
    async fn described(&self) -> Result<CoreProviderMetadata, ProviderError> {
        let found = CoreProviderMetadata::discover_async(self.issuer.clone(), &self.http).await;
        found.map_err(|_| ProviderError::Answer("its description"))
    }

    /// Where to send somebody who wants to sign in.
    pub(crate) async fn leave(&self) -> Result<Leaving, ProviderError> {
        let described = self.described().await?;
        let client =
            CoreClient::from_provider_metadata(described, self.client.clone(), self.secret.clone())
                .set_redirect_uri(self.back.clone());
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let asked = client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
        let (to, state, nonce) = asked.set_pkce_challenge(challenge).url();
        Ok(Leaving {
            to: to.to_string(),
            state: state.secret().clone(),
            nonce: nonce.secret().clone(),
            verifier: verifier.secret().clone(),
        })
    }

    /// Who came back with a code, as the provider signs it.
    pub(crate) async fn back(
        &self,
        code: &str,
        nonce: &str,
        verifier: &str,
    ) -> Result<Identity, ProviderError> {
        let described = self.described().await?;
        let client =
            CoreClient::from_provider_metadata(described, self.client.clone(), self.secret.clone())
                .set_redirect_uri(self.back.clone());
        let exchange = client.exchange_code(AuthorizationCode::new(code.to_owned()));
        let exchange = exchange.map_err(|_| ProviderError::Answer("where codes are exchanged"))?;
        let exchange = exchange.set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()));
        let answer = exchange.request_async(&self.http).await;
        let answer = answer.map_err(|_| ProviderError::Claims("the code"))?;
        let token = answer.id_token().ok_or(ProviderError::Answer("no ID token"))?;
        let claims = token.claims(&client.id_token_verifier(), &Nonce::new(nonce.to_owned()));
        let claims = claims.map_err(|_| ProviderError::Claims("the ID token"))?;
        Ok(Identity { issuer: claims.issuer().to_string(), subject: claims.subject().to_string() })
    }
}
