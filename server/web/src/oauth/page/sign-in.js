// The script of the two pages: signing in for a client, and enrolling with a one-time secret. Nothing is stored in the browser.
(() => {
  const form = at("form");
  const words = (name) => told.dataset[name] || told.dataset.failed;

  // The page has sentences of its own, in its language, for what people do wrong; the server's are for developers.
  const sentence = ({ code = "", detail }) => told.dataset[code.replace(/-./g, (part) => part[1].toUpperCase())] || detail;

  const text = (buffer) => {
    const plain = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };

  const withBytes = (options) => {
    const { publicKey } = JSON.parse(options);
    publicKey.challenge = bytes(publicKey.challenge);
    for (const key of (publicKey.allowCredentials || []).concat(publicKey.excludeCredentials || [])) key.id = bytes(key.id);
    if (publicKey.user) publicKey.user.id = bytes(publicKey.user.id);
    return { publicKey };
  };

  const written = (credential) => {
    const response = {};
    for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature"]) {
      if (credential.response[part]) response[part] = text(credential.response[part]);
    }
    if (response.signature) response.userHandle = credential.response.userHandle ? text(credential.response.userHandle) : null;
    return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, extensions: {}, response });
  };

  const post = async (path, body) => {
    const headers = { "content-type": "application/json", "accept-language": document.documentElement.lang };
    const reply = await fetch(path, { method: "POST", headers, body: JSON.stringify(body), credentials: "omit" });
    const answer = await reply.json();
    if (!reply.ok) throw answer;
    return answer;
  };

  const proof = async (login) => {
    const begun = await post("/v1/sessions/staff/begin", { login });
    const credential = await navigator.credentials.get(withBytes(begun.options));
    return { ceremony_id: begun.ceremony_id, answer: written(credential) };
  };

  const chooseOrganisation = (problem) => {
    const select = at("organisation");
    select.replaceChildren(...problem.errors.map((one) => new Option(one.detail, one.code)));
    at("organisations").hidden = false;
    select.focus();
  };

  const signIn = async () => {
    const asked = new URLSearchParams(location.search);
    const body = { login: at("login").value, password: at("password").value };
    for (const name of ["response_type", "client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method", "dpop_jkt"]) {
      if (asked.has(name)) body[name] = asked.get(name);
    }
    if (!at("organisations").hidden) body.organisation_id = at("organisation").value;
    const code = at("code").value.replace(/\s/g, "");
    if (code) body.totp_code = code;
    else body.passkey = await proof(body.login);
    const answer = await post("/oauth/authorize", body);
    say(words("done"), false);
    location.assign(answer.redirect_to);
  };

  const made = [];

  const addPasskey = async () => {
    const { passkey, login } = await post("/v1/enrolments/begin", { secret: at("secret").value.trim() });
    at("login").value = login;
    if (!passkey) throw { title: words("failed") };
    const options = withBytes(passkey.options);
    const credential = await navigator.credentials.create(options);
    made.push({ ceremony_id: passkey.ceremony_id, answer: written(credential), label: at("label").value.trim() || "Passkey " + (made.length + 1) });
    at("label").value = "";
    say(made.length > 1 ? words("second") : words("first"), false);
  };

  const enrol = async () => {
    await post("/v1/enrolments", { secret: at("secret").value.trim(), password: at("password").value, passkeys: made });
    at("intro").hidden = true;
    form.hidden = true;
    say(words("done"), false);
  };

  const doing = (work) => async (event) => {
    event.preventDefault();
    const buttons = form.querySelectorAll("button");
    buttons.forEach((button) => { button.disabled = true; });
    say(words("wait"), false);
    try {
      await work();
    } catch (problem) {
      if (problem.code === "choose-organisation") chooseOrganisation(problem);
      const fault = (problem.code === "invalid" && problem.errors && problem.errors[0]) || {};
      // What the server did not take must not be sent again.
      if (fault.code === "passkey-refused" || fault.code === "not-begun") made.length = 0;
      say(sentence(fault) || problem.title || words(problem.name === "NotAllowedError" ? "cancelled" : "failed"), true);
    }
    buttons.forEach((button) => { button.disabled = button.id === "send" && !made.length; });
  };

  const enrolling = at("secret");
  form.addEventListener("submit", doing(enrolling ? enrol : signIn));
  if (enrolling) {
    enrolling.value = location.hash.slice(1);
    history.replaceState(null, "", location.pathname);
    // Another secret is another person, or another try: nothing of the one before may stay.
    addEventListener("hashchange", () => location.reload());
    at("add").addEventListener("click", doing(addPasskey));
  } else {
    at("login").value = new URLSearchParams(location.search).get("login_hint") || "";
  }
})();
