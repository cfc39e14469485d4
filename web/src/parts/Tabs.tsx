import { NavLink } from "react-router";
import classes from "../shell/Shell.module.css";

interface TabsProps {
  label: string;
  tabs: readonly { to: string; label: string }[];
}

/** Tabs are the parts of one thing, each a page with an address of its own. */
export function Tabs({ label, tabs }: TabsProps) {
  return (
    <nav className={classes.tabs} aria-label={label}>
      <ul>
        {tabs.map((tab) => (
          <li key={tab.to}>
            <NavLink className={classes.link ?? ""} to={tab.to} end>
              {tab.label}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}
