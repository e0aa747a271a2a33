import { consolePage } from "../console-page";

export default consolePage("user:search", async () => <h1>Users</h1>);
