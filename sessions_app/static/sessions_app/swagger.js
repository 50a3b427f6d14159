// The API's document as a page to try it on, with nothing from another host. A token typed in is forgotten with the page.

document.documentElement.classList.add("dark-mode");

window.SwaggerUIBundle({
  url: document.getElementById("document").getAttribute("href"),
  dom_id: "#swagger",
  deepLinking: true,
  docExpansion: "list",
  filter: true,
  displayRequestDuration: true,
  persistAuthorization: false,
  validatorUrl: null,
  requestInterceptor: (request) => {
    const token = document.querySelector("[name=csrfmiddlewaretoken]");
    if (token && new URL(request.url, location.href).origin === location.origin) request.headers["X-CSRFToken"] = token.value;
    return request;
  },
});
