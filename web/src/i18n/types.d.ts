import type audit from "../locales/en/audit.json";
import type support from "../locales/en/support.json";
import type agreement from "../locales/en/agreement.json";
import type announcements from "../locales/en/announcements.json";
import type answers from "../locales/en/answers.json";
import type common from "../locales/en/common.json";
import type directory from "../locales/en/directory.json";
import type entrance from "../locales/en/entrance.json";
import type me from "../locales/en/me.json";
import type operator from "../locales/en/operator.json";
import type parts from "../locales/en/parts.json";
import type problems from "../locales/en/problems.json";
import type roles from "../locales/en/roles.json";
import type schools from "../locales/en/schools.json";
import type overview from "../locales/en/overview.json";
import type settings from "../locales/en/settings.json";
import type shell from "../locales/en/shell.json";
import type trail from "../locales/en/trail.json";
import type user from "../locales/en/user.json";
import type users from "../locales/en/users.json";

// The compiler knows every text by this, so that one that is missing in English is an error.
declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    resources: {
      audit: typeof audit;
      support: typeof support;
      agreement: typeof agreement;
      announcements: typeof announcements;
      answers: typeof answers;
      common: typeof common;
      directory: typeof directory;
      entrance: typeof entrance;
      me: typeof me;
      operator: typeof operator;
      parts: typeof parts;
      problems: typeof problems;
      roles: typeof roles;
      schools: typeof schools;
      overview: typeof overview;
      settings: typeof settings;
      shell: typeof shell;
      trail: typeof trail;
      user: typeof user;
      users: typeof users;
    };
  }
}
