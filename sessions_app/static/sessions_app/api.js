// Sends what a plain form cannot: PUT, PATCH and DELETE, and JSON. The server answers with a page; its answer is put in place.

const READ_AS_JSON = ["number", "flag", "json"];

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isChanged(control) {
  if (control.options) return Array.from(control.options).some((option) => option.selected !== option.defaultSelected);
  return control.value !== control.defaultValue;
}

function asJson(control) {
  if (control.multiple) return JSON.stringify(Array.from(control.selectedOptions, (option) => option.value));
  if (control.value === "") return control.dataset.emptiesTo;
  const isRead = READ_AS_JSON.includes(control.dataset.kind) && isJson(control.value);
  return isRead ? control.value : JSON.stringify(control.value);  // what cannot be read, the server refuses with its reason
}

function bodyOf(form) {
  const raw = form.querySelector("[data-body]");
  if (raw) return raw.value;
  const isWanted = form.dataset.method === "PATCH" ? isChanged : (control) => control.value !== "";
  const members = Array.from(form.querySelectorAll("[data-kind]")).filter(isWanted);
  if (!members.length && form.dataset.method === "DELETE") return undefined;
  return `{${members.map((control) => `${JSON.stringify(control.name)}: ${asJson(control)}`).join(", ")}}`;
}

function headersOf(form, body) {
  const headers = new Headers({ Accept: "text/html" });
  const token = document.querySelector("[name=csrfmiddlewaretoken]");
  if (token) headers.set("X-CSRFToken", token.value);
  if (body !== undefined) headers.set("Content-Type", "application/json");
  for (const field of form.querySelectorAll("[data-header]")) if (field.value) headers.set(field.name, field.value);
  return headers;
}

function sentence(text) {
  const answer = document.createElement("section");
  answer.id = "answer";
  answer.className = "panel answer note failed";
  answer.tabIndex = -1;
  answer.setAttribute("role", "alert");
  answer.textContent = text;
  return answer;
}

function show(answer) {
  document.getElementById("answer").replaceWith(answer);
  answer.focus({ preventScroll: true });
  answer.scrollIntoView({ block: "start" });
}

function enable(root) {
  for (const button of root.querySelectorAll("form[data-method] button[disabled]")) button.disabled = false;
  for (const note of root.querySelectorAll(".needs-script")) note.remove();
}

// What was done is not offered twice: the form begins anew, and every other form changes the version there is now.
function renew(form, page, tag) {
  const operation = form.closest(".operation");
  const fresh = page.getElementById(operation.id);
  const isOfVersion = form.querySelector("[name=If-Match]") !== null;
  if (fresh) {
    fresh.open = true;
    operation.replaceWith(fresh);
    enable(fresh);
  }
  if (isOfVersion && tag) for (const field of document.querySelectorAll("[name=If-Match]")) field.value = tag;
}

async function send(form) {
  const body = bodyOf(form);
  try {
    const { method, address } = form.dataset;
    const response = await fetch(address, { method, body, headers: headersOf(form, body), credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const answer = page.getElementById("answer");
    show(answer || sentence(`The server answered ${response.status} without a page: reload this one to see what is there.`));
    if (answer && response.ok) renew(form, page, response.headers.get("ETag"));
  } catch (error) {
    show(sentence(`This was not answered (${error.message}): send it again, with the same key if it has one.`));
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.method) return;
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  await send(form);
  button.disabled = false;
});

document.addEventListener("formdata", (event) => {
  if (!event.target.matches("[data-leave-out-empty]")) return;
  for (const [name, value] of Array.from(event.formData)) if (value === "") event.formData.delete(name);
});

enable(document);
