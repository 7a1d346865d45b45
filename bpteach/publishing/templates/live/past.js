// Begins JupyterLite's service worker. It answers for the drive of the notebooks alone: what passes through a service
// worker is compiled anew at each visit, the scripts of the notebook and Python itself.
addEventListener("fetch", (event) => {
  if (!new URL(event.request.url).pathname.includes("/api/")) event.stopImmediatePropagation();
});
