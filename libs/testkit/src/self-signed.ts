/** A certificate for `localhost` and 127.0.0.1 that nobody has signed but itself, good until 2126, with its key: for servers in tests, and worth nothing elsewhere. */
export const selfSigned = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBnDCCAUGgAwIBAgIUdz6zW6MNoQ0ExVKtGrfXLL5FtS4wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzAyMDgyMFoYDzIxMjYxMDMw
MDIwODIwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAT9PYGbNCSEmNJssEzMuKd55NDD4ZQaLsTy5JG2iAlwtm/+BmwH83vX
ndgFzAf+ARgdusKTudkwIiKCQy7loXC0o28wbTAdBgNVHQ4EFgQU5M+XgKssqQUE
K7IHAZ8tPRbQRnswHwYDVR0jBBgwFoAU5M+XgKssqQUEK7IHAZ8tPRbQRnswDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSQAwRgIhAOjhl2Rhmnmk4d7i4jiFEu5zLgmVJbORlLOqKo7D63vNAiEA
yE7iVYC1Yhz+UFa05/Shcqw8C79wS+F4OODID6Y2By0=
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgKp7y9jNhD1czxyFJ
mzlUxJAQxmDsw7k6Y1N2a0Wy1SShRANCAAT9PYGbNCSEmNJssEzMuKd55NDD4ZQa
LsTy5JG2iAlwtm/+BmwH83vXndgFzAf+ARgdusKTudkwIiKCQy7loXC0
-----END PRIVATE KEY-----
`,
} as const;
