import "./theme/styles.css";
import "./begin"; // asks for what the page will need, before the next one waits for its texts
import "./i18n";
import { createRoot } from "react-dom/client";
import { App } from "./App";

const root = document.getElementById("root");
if (!root) throw new Error("the page has no place for the console");
createRoot(root).render(<App />);
