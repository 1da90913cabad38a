/** Said of a client configuration that cannot be honoured here; the message says which part of it. */
export class ConfigurationError extends Error {}
