import { Route, Routes } from "react-router";
import { page } from "./parts/page";
import { Shell } from "./shell/Shell";

const Home = page("Home", () => import("./pages/Home"));
const Contact = page("Contact", () => import("./pages/Contact"));
const Users = page("Users", () => import("./pages/users/Users"));
const Archived = page("Archived", () => import("./pages/users/Archived"));
const Me = page("Me", () => import("./pages/me/Me"));
const Details = page("Details", () => import("./pages/me/Details"));
const OwnRights = page("OwnRights", () => import("./pages/me/OwnRights"));
const Password = page("Password", () => import("./pages/me/Password"));
const SecondStep = page("SecondStep", () => import("./pages/me/SecondStep"));
const Sessions = page("Sessions", () => import("./pages/me/Sessions"));
const Mails = page("Mails", () => import("./pages/me/Mails"));
const Activity = page("Activity", () => import("./pages/me/Activity"));
const Announcements = page("Announcements", () => import("./pages/announcements/Announcements"));
const WriteAnnouncement = page("WriteAnnouncement", () => import("./pages/announcements/Announcements"));
const OwnAnnouncement = page("OwnAnnouncement", () => import("./pages/announcements/Announcements"));
const Conditions = page("Conditions", () => import("./pages/agreement/Conditions"));
const ConditionsVersion = page("ConditionsVersion", () => import("./pages/agreement/ConditionsVersion"));
const WriteConditions = page("WriteConditions", () => import("./pages/agreement/WriteConditions"));
const Roles = page("Roles", () => import("./pages/roles/Roles"));
const NewRole = page("NewRole", () => import("./pages/roles/NewRole"));
const RolePage = page("RolePage", () => import("./pages/roles/RolePage"));
const Schools = page("Schools", () => import("./pages/schools/Schools"));
const SchoolGroups = page("SchoolGroups", () => import("./pages/schools/SchoolGroups"));
const NewSchoolGroup = page("NewSchoolGroup", () => import("./pages/schools/SchoolGroup"));
const SchoolGroup = page("SchoolGroup", () => import("./pages/schools/SchoolGroup"));
const Audit = page("Audit", () => import("./pages/audit/Audit"));
const SupportAccess = page("SupportAccess", () => import("./pages/support/SupportAccess"));
const User = page("User", () => import("./pages/user/User"));
const UserDetails = page("Details", () => import("./pages/user/Details"));
const RolesAndRights = page("RolesAndRights", () => import("./pages/user/RolesAndRights"));
const UserSchools = page("Schools", () => import("./pages/user/Schools"));
const UserMails = page("Mails", () => import("./pages/user/Mails"));
const UserHistory = page("History", () => import("./pages/user/History"));
const Organisations = page("Organisations", () => import("./pages/operator/Organisations"));
const NewOrganisation = page("NewOrganisation", () => import("./pages/operator/NewOrganisation"));
const OneOrganisation = page("OneOrganisation", () => import("./pages/operator/Organisation"));
const AddAdministrator = page("AddAdministrator", () => import("./pages/operator/AddAdministrator"));
const AnnouncementsToAll = page("AnnouncementsToAll", () => import("./pages/operator/ToAll"));
const WriteToAll = page("WriteToAll", () => import("./pages/operator/ToAll"));
const AnnouncementToAll = page("AnnouncementToAll", () => import("./pages/operator/ToAll"));
const Directory = page("Directory", () => import("./pages/directory/Directory"));
const Overview = page("Overview", () => import("./pages/overview/Overview"));
const Settings = page("Settings", () => import("./pages/settings/Settings"));
const Rules = page("Rules", () => import("./pages/settings/Rules"));
const Codes = page("Codes", () => import("./pages/settings/Codes"));
const PrimaryContact = page("PrimaryContact", () => import("./pages/settings/PrimaryContact"));
const IdentityProvider = page("IdentityProvider", () => import("./pages/settings/IdentityProvider"));
const NoSuchPage = page("NoSuchPage", () => import("./pages/NoSuchPage"));

/** Inside is every page for who is signed in, below the organisation's address. */
export function Inside() {
  return (
    <Routes>
      <Route element={<Shell />}>
        <Route path="home" element={<Home />} />
        <Route path="contact" element={<Contact />} />
        <Route path="users" element={<Users />} />
        <Route path="archived" element={<Archived />} />
        <Route path="me" element={<Me />}>
          <Route index element={<Details />} />
          <Route path="rights" element={<OwnRights />} />
          <Route path="password" element={<Password />} />
          <Route path="second-step" element={<SecondStep />} />
          <Route path="sessions" element={<Sessions />} />
          <Route path="mails" element={<Mails />} />
          <Route path="activity" element={<Activity />} />
        </Route>
        <Route path="announcements">
          <Route index element={<Announcements />} />
          <Route path="new" element={<WriteAnnouncement />} />
          <Route path=":id" element={<OwnAnnouncement />} />
        </Route>
        <Route path="audit" element={<Audit />} />
        <Route path="support-access" element={<SupportAccess />} />
        <Route path="agreement">
          <Route index element={<Conditions />} />
          <Route path="new" element={<WriteConditions />} />
          <Route path=":version" element={<ConditionsVersion />} />
        </Route>
        <Route path="roles" element={<Roles />} />
        <Route path="roles/new" element={<NewRole />} />
        <Route path="roles/:id" element={<RolePage />} />
        <Route path="schools" element={<Schools />} />
        <Route path="school-groups" element={<SchoolGroups />} />
        <Route path="school-groups/new" element={<NewSchoolGroup />} />
        <Route path="school-groups/:id" element={<SchoolGroup />} />
        <Route path="users/:id" element={<User />}>
          <Route index element={<UserDetails />} />
          <Route path="rights" element={<RolesAndRights />} />
          <Route path="schools" element={<UserSchools />} />
          <Route path="mails" element={<UserMails />} />
          <Route path="history" element={<UserHistory />} />
        </Route>
        <Route path="organisations">
          <Route index element={<Organisations />} />
          <Route path="new" element={<NewOrganisation />} />
          <Route path=":id" element={<OneOrganisation />} />
          <Route path=":id/administrators" element={<AddAdministrator />} />
        </Route>
        <Route path="to-all">
          <Route index element={<AnnouncementsToAll />} />
          <Route path="new" element={<WriteToAll />} />
          <Route path=":id" element={<AnnouncementToAll />} />
        </Route>
        <Route path="directory" element={<Directory />} />
        <Route path="overview" element={<Overview />} />
        <Route path="settings" element={<Settings />}>
          <Route index element={<Rules />} />
          <Route path="codes" element={<Codes />} />
          <Route path="contact" element={<PrimaryContact />} />
          <Route path="identity-provider" element={<IdentityProvider />} />
        </Route>
        <Route path="*" element={<NoSuchPage />} />
      </Route>
    </Routes>
  );
}
