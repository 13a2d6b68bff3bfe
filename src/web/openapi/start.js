// Shows the description with what this server itself has: no fonts, proxies, telemetry or assistants of others.
{
  // The page's policy permits styles that carry this answer's nonce. The reference gives it to most of its own; here it is
  // given to the rest.
  const { nonce } = document.querySelector("meta[property=csp-nonce]");
  const create = document.createElement;
  document.createElement = function (name, ...options) {
    const element = create.call(this, name, ...options);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  };
}

addEventListener("DOMContentLoaded", () => {
  Scalar.createApiReference("#reference", {
    url: "/api/v1/openapi.json",
    withDefaultFonts: false,
    telemetry: false,
    proxyUrl: "",
    agent: { disabled: true },
    mcp: { disabled: true },
    hideClientButton: true,
    showDeveloperTools: "never",
    persistAuth: false,
    defaultHttpClient: { targetKey: "shell", clientKey: "curl" },
    authentication: { preferredSecurityScheme: "token" },
  });
});
